using EdgeAssist.Contracts;
using EdgeAssist.Inference.Hosting;
using EdgeAssist.Inference.Tests.Streaming;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xunit;

namespace EdgeAssist.Inference.Tests.Hosting;

public sealed class InferenceHostTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgeassist-host-").FullName;
    private readonly RecordingSink _sink = new();

    [Fact]
    public async Task With_its_models_the_host_is_ready_and_takes_a_call()
    {
        var store = await TestModels.StoreAsync();
        using var host = Build(options => options.ModelDirectory = store.Directory);
        await host.StartAsync(TestContext.Current.CancellationToken);

        var (call, legs) = AnalysisHarness.Open(host.Services.GetRequiredService<ICallAudioSink>(), AnalysisHarness.Call());
        legs[0].Quiet(1000);
        await AnalysisHarness.CloseAsync(call, legs);

        var models = host.Services.GetRequiredService<IModelReadiness>();
        Assert.True(models.IsReady, models.Problem);
        Assert.IsType<CallEnded>(_sink.Events[^1]);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Without_its_models_the_host_runs_degraded_says_so_and_ends_open_calls_when_it_stops()
    {
        using var host = Build(options => options.ModelDirectory = _folder);
        await host.StartAsync(TestContext.Current.CancellationToken);

        var (_, legs) = AnalysisHarness.Open(host.Services.GetRequiredService<ICallAudioSink>(), AnalysisHarness.Call());
        legs[0].Loud(600);
        await _sink.WaitForAsync(e => e is RungChanged { Rung: AnalysisRung.VoiceOnly });
        var health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains("edgeassist models pull moonshine-tiny-en", health.Entries["models"].Description, StringComparison.Ordinal);
        Assert.Equal(CallEndReason.Shutdown, Assert.IsType<CallEnded>(_sink.Events[^1]).Reason);
    }

    [Fact]
    public void The_defaults_are_valid() => Assert.True(Validate(_ => { }).Succeeded);

    [Theory]
    [InlineData(nameof(InferenceOptions.Workers), -1)]
    [InlineData(nameof(InferenceOptions.QueueLimit), 0)]
    [InlineData(nameof(InferenceOptions.SpeechOn), 1.5)]
    [InlineData(nameof(InferenceOptions.SpeechOff), 0.9)]
    [InlineData(nameof(InferenceOptions.EnergyFloorDb), -10.0)]
    [InlineData(nameof(InferenceOptions.SpeechModel), "silero-vad-v6")]
    [InlineData(nameof(InferenceOptions.VoiceModel), "no-such-model")]
    public void A_value_outside_its_range_is_named(string setting, object value)
    {
        var result = Validate(options => typeof(InferenceOptions).GetProperty(setting)!.SetValue(options, value));

        Assert.Contains($"Inference:{setting} is", Assert.Single(result.Failures!), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ValidateOptionsResult Validate(Action<InferenceOptions> change)
    {
        var options = new InferenceOptions();
        change(options);
        return new InferenceOptionsValidator().Validate(null, options);
    }

    private IHost Build(Action<InferenceOptions> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging(logging => logging.ClearProviders());
        builder.Services.AddSingleton<ICallScoreSink>(_sink);
        builder.Services.AddInference(configure);
        return builder.Build();
    }
}
