using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Whisper;
using Xunit;

namespace EdgeAssist.Inference.Tests.Whisper;

public sealed class WhisperLibraryTests
{
    [Fact]
    public async Task The_packaged_library_is_of_a_known_version_and_shape()
    {
        using var library = await MicroWhisper.LibraryAsync();

        Assert.StartsWith("1.9.", library.Version, StringComparison.Ordinal);
        Assert.NotEmpty(library.SystemInfo);
    }

    [Theory]
    [InlineData("1.8.3")]
    [InlineData("2.0.0")]
    [InlineData("")]
    public void A_version_whose_structs_are_not_known_is_refused_with_a_sentence(string version)
    {
        var refused = Assert.Throws<ModelException>(() => WhisperLibrary.RequireVersion("/opt/libwhisper.so", version));

        Assert.Contains($"version \"{version}\"", refused.Message, StringComparison.Ordinal);
        Assert.Contains("models build-whisper", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(296, 2.4f)]
    [InlineData(344, 2.4f)]
    [InlineData(312, 30f)]
    public void Parameters_of_another_size_or_with_other_defaults_are_refused(int octets, float entropyThreshold)
    {
        var defaults = Known() with { EntropyThreshold = entropyThreshold };

        Assert.Throws<ModelException>(() => WhisperLibrary.RequireLayout("/opt/libwhisper.so", defaults, (nuint)octets));
    }

    [Fact]
    public void The_known_parameters_pass() => WhisperLibrary.RequireLayout("/opt/libwhisper.so", Known(), 312);

    [Fact]
    public void A_library_that_is_no_Whisper_is_refused()
    {
        var refused = Assert.Throws<ModelException>(() => new WhisperLibrary("libm.so.6"));

        Assert.Contains("no function whisper_version", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_without_a_library_is_said_with_its_name()
    {
        var refused = Assert.Throws<ModelException>(() => new WhisperLibrary("/nowhere/libwhisper.so"));

        Assert.Contains("/nowhere/libwhisper.so", refused.Message, StringComparison.Ordinal);
    }

    private static WhisperFullParameters Known() => new()
    {
        Threads = 2, MaxTextContext = 16384, EntropyThreshold = 2.4f, NoSpeechThreshold = 0.6f, LogProbabilityThreshold = -1f,
        TemperatureIncrement = 0.2f, GrammarPenalty = 100f, VadThreshold = 0.5f, VadSpeechPadMs = 30,
    };
}
