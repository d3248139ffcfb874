using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.Host.Demo;
using EdgeAssist.Testing.Audio;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

[CollectionDefinition(Name)]
public sealed class PlayedCallsDefinition : ICollectionFixture<PlayedCalls>
{
    public const string Name = "played calls";
}

/// <summary>
/// The calls that take real time, played once for all tests that look at them and all at once: a real call and prompts into
/// one appliance together with two sample calls, and the same real call into an appliance of three parts.
/// </summary>
public sealed class PlayedCalls : IAsyncLifetime
{
    private static readonly TimeSpan s_longestPull = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_longestPlay = TimeSpan.FromSeconds(140);

    private readonly CancellationTokenSource _end = new(s_longestPull);
    private readonly List<IAsyncDisposable> _open = [];
    private Task<PlayedCall>? _realDirect;
    private Task<PlayedCall>? _realOverGrpc;
    private Task<PlayedCall>? _prompts;
    private Task<PlayedCall>? _escalation;
    private Task<PlayedCall>? _calm;
    private string _missing = "";

    internal (Clip Agent, Clip Customer)? RealCall { get; private set; }

    internal (Clip Clip, string Said)? Prompts { get; private set; }

    internal SampleCall Sample { get; } = SampleCall.Bundled("escalation");

    /// <summary>The appliance in one process.</summary>
    internal TestAppliance Direct { get; private set; } = null!;

    /// <summary>The appliance of three parts.</summary>
    internal TestAppliance Apart { get; private set; } = null!;

    /// <summary>A client of the one process that nobody disturbed.</summary>
    internal Watcher Undisturbed { get; private set; } = null!;

    /// <summary>A client of the one process whose connections were cut now and then.</summary>
    internal Watcher Disturbed { get; private set; } = null!;

    /// <summary>The side panel of the agent of the call that goes wrong.</summary>
    internal AgentDesktop Desktop { get; private set; } = null!;

    /// <summary>Connections cut, each time.</summary>
    internal IReadOnlyList<int> Cuts { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        var (models, missing) = await TestModels.FindAsync(_end.Token);
        _missing = missing;
        if (models is null) return;

        _end.CancelAfter(s_longestPlay);
        (RealCall, Prompts) = (Recordings.RealCall(), Recordings.Prompts(Recordings.RealCallSeconds));
        Direct = Keep(await TestAppliance.StartAsync(models, _end.Token));
        Apart = Keep(await TestAppliance.StartApartAsync(models, _end.Token));
        var cable = new CutConnections();
        Undisturbed = Keep(Direct.Watch());
        Disturbed = Keep(Direct.Watch(cable.Options));
        var apart = Keep(Apart.Watch());
        await DemoHistory.TellAsync(Direct.Api, Direct.Token(new Principal { Subject = "crm", Role = PrincipalRole.Admin }), TimeProvider.System.GetUtcNow(), _end.Token);
        Desktop = Keep(new AgentDesktop(Direct, "susan"));
        await Desktop.OpenAsync(_end.Token);
        await Task.WhenAll(Undisturbed.OpenAsync(_end.Token), Disturbed.OpenAsync(_end.Token), apart.OpenAsync(_end.Token));
        await PlayAsync(apart, cable);
    }

    /// <summary>The real call, once the tests may look at it; skips where it cannot be played.</summary>
    internal Task<PlayedCall> RealAsync(bool overGrpc) => NeedAsync(overGrpc ? _realOverGrpc : _realDirect, "../shared/data/two-party-calls is not here.");

    internal Task<PlayedCall> PromptsAsync() => NeedAsync(_prompts, "../shared/data/asterisk-prompts, or both of flac and sox, are not here.");

    internal Task<PlayedCall> EscalationAsync() => NeedAsync(_escalation, "the sample was not played.");

    internal Task<PlayedCall> CalmAsync() => NeedAsync(_calm, "the sample was not played.");

    /// <summary>Every call that was played into the appliance of one process.</summary>
    internal Task<PlayedCall[]> AllDirectAsync() => Task.WhenAll(new[] { _realDirect, _prompts, _escalation, _calm }.OfType<Task<PlayedCall>>());

    public async ValueTask DisposeAsync()
    {
        foreach (var open in Enumerable.Reverse(_open)) await open.DisposeAsync();
        _end.Dispose();
    }

    private async Task PlayAsync(Watcher apart, CutConnections cable)
    {
        if (RealCall is { } real)
        {
            _realDirect = Direct.PlayAsync(Undisturbed, Recordings.Streams(real), _end.Token);
            _realOverGrpc = Apart.PlayAsync(apart, Recordings.Streams(real), _end.Token);
        }

        if (Prompts is { } prompts)
            _prompts = Direct.PlayAsync(Undisturbed, [Recordings.Stream("1", "sip:+12025550164@carrier.example", "Prompts", prompts.Clip)], _end.Token);
        _escalation = Direct.PlayAsync(Undisturbed, PlannedCall.Streams(Sample, G711Law.A), _end.Token);
        _calm = Direct.PlayAsync(Undisturbed, PlannedCall.Streams(SampleCall.Bundled("calm"), G711Law.Mu), _end.Token);
        var cutting = CutNowAndThenAsync(cable);

        // Each test awaits the call it looks at, and gets its failure; here they only have to be over.
        Task[] all = [.. new Task?[] { _realDirect, _realOverGrpc, _prompts, _escalation, _calm, cutting }.OfType<Task>()];
        await Task.WhenAll(all).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        if (cutting.IsCompletedSuccessfully) Cuts = await cutting;
    }

    /// <summary>Cuts the disturbed client off early, in the middle and late, by what the undisturbed one has seen.</summary>
    private async Task<IReadOnlyList<int>> CutNowAndThenAsync(CutConnections cable)
    {
        var cuts = new List<int>();
        foreach (var events in new[] { 10, 40, 80 })
        {
            await Undisturbed.WaitForEventsAsync(events, _end.Token);
            cuts.Add(cable.Cut());
        }

        return cuts;
    }

    private async Task<PlayedCall> NeedAsync(Task<PlayedCall>? playing, string missing)
    {
        if (_missing.Length > 0) Assert.Skip(_missing);
        if (playing is null) Assert.Skip(missing);
        return await playing;
    }

    private T Keep<T>(T open)
        where T : IAsyncDisposable
    {
        _open.Add(open);
        return open;
    }
}
