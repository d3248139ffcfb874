using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Tests.Whisper;
using Xunit;

namespace EdgeAssist.Inference.Tests.Models;

public sealed class GgmlFileTests
{
    [Fact]
    public void The_micro_model_is_read_with_its_sizes()
    {
        var file = GgmlFile.Read(MicroWhisper.File, "micro");

        Assert.Equal((51_864, 1500, 448, 80, false, false), (file.Vocabulary, file.AudioContext, file.TextContext, file.MelBands, file.IsMultilingual, file.IsStub));
        Assert.Equal(80 * 201, file.MelFilters.Length);
    }

    [Fact]
    public void A_file_without_weights_is_known_as_one() => Assert.True(GgmlFile.Read(GgmlStub.Make(), "stub").IsStub);

    [Theory]
    [InlineData(0, "is no ggml file")]
    [InlineData(3, "is no ggml file")]
    [InlineData(4, "the vocabulary's size cannot be")]
    [InlineData(12, "the width cannot be")]
    public void An_octet_changed_in_the_head_is_named(int at, string said)
    {
        var file = GgmlStub.Make();
        file[at] ^= 0x80;
        if (at >= 4) file[at + 2] ^= 0x7F;

        Assert.Contains(said, Assert.Throws<ModelException>(() => GgmlFile.Read(file, "stub")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        var file = MicroWhisper.File;
        for (var i = 0; i < 200; i++)
        {
            var length = (int)((long)file.Length * i / 200);
            Assert.Throws<ModelException>(() => GgmlFile.Read(file.AsSpan(0, length), "cut"));
        }
    }

    [Fact]
    public void A_thousand_altered_files_are_refused_or_read_and_nothing_else()
    {
        var dice = new Random(5);
        var sound = MicroWhisper.File;
        var refused = 0;
        for (var i = 0; i < 1000; i++)
        {
            var (altered, at, length) = (sound.AsSpan().ToArray(), dice.Next(sound.Length), dice.Next(1, 64));
            if (i % 2 == 0) at = dice.Next(80);   // the head decides most
            dice.NextBytes(altered.AsSpan(at, Math.Min(length, altered.Length - at)));
            if (Record.Exception(() => GgmlFile.Read(altered, "altered")) is not { } failure) continue;

            Assert.IsType<ModelException>(failure);
            refused++;
        }

        Assert.True(refused > 300, $"only {refused} were refused");
    }
}
