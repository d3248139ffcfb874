using System.Collections.Immutable;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Diagnostics;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Rules;
using EdgeAssist.Inference.Streaming;
using EdgeAssist.Inference.Vad;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeAssist.Inference.Hosting;

/// <summary>
/// Analysis as a part of the host: loads the models when the host starts, takes calls while it runs, gives the last words when
/// it stops. Missing models do not stop the host; calls then get what is left, and health says why.
/// </summary>
internal sealed class InferenceRuntime(
    IOptions<InferenceOptions> options, ModelStore store, ICallScoreSink sink, IServiceProvider services,
    TimeProvider time, InferenceMetrics metrics, ILoggerFactory loggers) : IHostedService, ICallAudioSink, IModelReadiness, IAsyncDisposable
{
    private readonly ILogger _log = loggers.CreateLogger<InferenceRuntime>();
    private LoadedModels? _models;
    private RecognitionScheduler? _scheduler;
    private AnalysisService? _service;

    public bool IsReady => _models is { Problem.Length: 0 };

    public string Problem => _models is null ? "The models are not loaded yet." : _models.Problem;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        var settings = options.Value;
        var models = await Task.Run(() => LoadedModels.Load(store, settings), cancellationToken).ConfigureAwait(false);
        if (models.Problem.Length > 0) HostingLog.ModelsMissing(_log, models.Problem);
        else HostingLog.ModelsLoaded(_log, settings.SpeechModel, settings.VoiceModel, settings.TextModel, time.GetElapsedTime(begun));

        _scheduler = models.Speech is null ? null
            : new RecognitionScheduler(models.Speech, Workers(settings), settings.QueueLimit, Ladder(settings), time, metrics, _log);
        var engine = new AnalysisEngine
        {
            Voice = models.Voice,
            Scheduler = _scheduler,
            Problem = models.Problem,
            Scorer = services.GetService<IEscalationScorer>() ?? new EscalationScorer(models.Text ?? new NoTextSentiment(), models.Arousal, Escalation(settings)),
            Settings = Settings(settings),
            Customers = services.GetService<ICustomerDirectory>(),
            Time = time,
            Metrics = metrics,
        };
        _service = new AnalysisService(engine, sink, loggers.CreateLogger<AnalysisService>());
        _models = models;
    }

    public ICallAudio Open(CallInfo call) =>
        (_service ?? throw new InvalidOperationException("Analysis takes calls after the host started it.")).Open(call);

    /// <summary>Ends the calls that are left, with their last words.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_service is not null) await _service.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null) await _service.DisposeAsync().ConfigureAwait(false);
        _scheduler?.Dispose();
        _models?.Dispose();
        (_service, _scheduler, _models) = (null, null, null);
    }

    private static int Workers(InferenceOptions options) => options.Workers > 0 ? options.Workers : Environment.ProcessorCount;

    private static LadderSettings Ladder(InferenceOptions options) => new()
    {
        NoPartials = options.NoPartialsAfter,
        CustomerOnly = options.CustomerOnlyAfter,
        VoiceOnly = options.VoiceOnlyAfter,
        RecoverFor = options.RecoverFor,
    };

    internal static EscalationOptions Escalation(InferenceOptions options) => new()
    {
        Policy = options.Policy,
        ScoreAgentVoice = options.ScoreAgentVoice,
        Rules = options.Rules.Length > 0 ? RuleBook.Read(options.Rules) : RuleBook.None,
    };

    internal static AnalysisSettings Settings(InferenceOptions options) => new()
    {
        Redact = options.Redact,
        WriteNumbers = options.WriteNumbers,
        Contexts = Contexts(options),
        AgentPartials = options.AgentPartials,
        PartialSamples = PcmFormat.Samples(options.PartialInterval),
        PowerFloor = (float)Math.Pow(10, options.EnergyFloorDb / 10),
        Segmenter = new SegmenterSettings
        {
            On = (float)options.SpeechOn,
            Off = (float)options.SpeechOff,
            HangOverFrames = Frames(options.HangOver),
            SoftLimitFrames = Frames(options.SoftLimit),
            HardLimitFrames = Frames(options.HardLimit),
        },
    };

    private static ImmutableDictionary<string, SpeechContext> Contexts(InferenceOptions options) =>
        options.Trunks.ToImmutableDictionary(trunk => trunk.Name, trunk => new SpeechContext(trunk.Language.Length > 0 ? trunk.Language : options.Language, [.. options.Vocabulary, .. trunk.Vocabulary]), StringComparer.Ordinal)
            .SetItem("", new SpeechContext(options.Language, [.. options.Vocabulary]));

    private static int Frames(TimeSpan duration) => (int)(PcmFormat.Samples(duration) / VadFrame.Samples);
}
