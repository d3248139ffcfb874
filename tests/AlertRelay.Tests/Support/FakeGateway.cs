using System.Collections.Immutable;
using System.Threading.Channels;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.Tests.Support;

/// <summary>A gateway that does what the test says and notes what it was asked.</summary>
internal sealed class FakeGateway : ICallControl
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ImmutableArray<InterventionStep>> _steps = new(StringComparer.Ordinal);
    private readonly Channel<ImmutableArray<InterventionReport>> _lists = Channel.CreateUnbounded<ImmutableArray<InterventionReport>>();
    private readonly Dictionary<string, CallId> _calls = new(StringComparer.Ordinal);

    /// <summary>Refuses the next orders with this word; empty takes them.</summary>
    public string WhyNot { get; set; } = "";

    /// <summary>Cannot be reached.</summary>
    public bool IsGone { get; set; }

    public List<InterventionOrder> Orders { get; } = [];

    /// <summary>Interventions it was told to end.</summary>
    public Channel<string> Left { get; } = Channel.CreateUnbounded<string>();

    /// <summary>Takes the next order and then loses its answer.</summary>
    public bool LosesAnswer { get; set; }

    /// <summary>What happens between taking an order and losing its answer.</summary>
    public Func<string, Task> BeforeLoss { get; set; } = _ => Task.CompletedTask;

    public ValueTask<CallCapabilities?> CapabilitiesAsync(CallId call, string supervisor, CancellationToken cancellationToken) => new(new CallCapabilities
    {
        Call = call,
        Phone = $"sip:{supervisor}@phones.example",
        Profile = "default",
        Modes =
        [
            new ModeCapability(InterventionMode.Listen), new ModeCapability(InterventionMode.Whisper, "siprec_only", "It comes as a copy."),
            new ModeCapability(InterventionMode.Barge, "siprec_only", "It comes as a copy."), new ModeCapability(InterventionMode.TakeOver, "siprec_only", "It comes as a copy."),
        ],
    });

    public async ValueTask<ControlAnswer> JoinAsync(InterventionOrder order, CancellationToken cancellationToken)
    {
        Reach();
        Orders.Add(order);
        if (WhyNot.Length > 0) return ControlAnswer.Refused(WhyNot, "It cannot be done.");
        lock (_gate) _calls[order.Id] = order.Call;
        if (LosesAnswer)
        {
            // The link broke: neither the answer nor a report came through, unless the test says otherwise.
            lock (_gate) _steps[order.Id] = [new InterventionStep(InterventionPhase.Calling, TimeProvider.System.GetUtcNow(), "order", 0)];
            await LoseAsync(order.Id);
        }

        return new ControlAnswer(Step(order.Id, InterventionPhase.Calling, "order"));
    }

    public async ValueTask<ControlAnswer> ChangeAsync(string intervention, InterventionMode mode, CancellationToken cancellationToken)
    {
        Reach();
        if (WhyNot.Length > 0) return ControlAnswer.Refused(WhyNot, "It cannot be done.");
        if (LosesAnswer) await LoseAsync(intervention);
        var phase = mode switch { InterventionMode.Listen => InterventionPhase.Listening, InterventionMode.Whisper => InterventionPhase.Whispering, InterventionMode.Barge => InterventionPhase.Barged, _ => InterventionPhase.TakenOver };
        return new ControlAnswer(Step(intervention, phase, "order"));
    }

    public async ValueTask<ControlAnswer> LeaveAsync(string intervention, CancellationToken cancellationToken)
    {
        Reach();
        Left.Writer.TryWrite(intervention);
        if (LosesAnswer) await LoseAsync(intervention);
        return new ControlAnswer(Step(intervention, InterventionPhase.Ended, "left"));
    }

    public IAsyncEnumerable<ImmutableArray<InterventionReport>> WatchAsync(CancellationToken cancellationToken) => _lists.Reader.ReadAllAsync(cancellationToken);

    /// <summary>The gateway says that something happened.</summary>
    public InterventionReport Step(string id, InterventionPhase phase, string cause, int status = 0)
    {
        lock (_gate)
        {
            _steps[id] = _steps.GetValueOrDefault(id, []).Add(new InterventionStep(phase, TimeProvider.System.GetUtcNow(), cause, status));
            _lists.Writer.TryWrite([.. _steps.Select(known => Report(known.Key))]);
            return Report(id);
        }
    }

    /// <summary>It was started anew: it knows of nothing.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            _steps.Clear();
            _lists.Writer.TryWrite([]);
        }
    }

    private InterventionReport Report(string id) => new() { Id = id, Call = _calls.GetValueOrDefault(id), Steps = _steps[id] };

    private async Task LoseAsync(string intervention)
    {
        await BeforeLoss(intervention);
        throw new CallControlException("The gateway did not answer.", new IOException("reset"));
    }

    private void Reach()
    {
        if (IsGone) throw new CallControlException("The gateway did not answer.", new IOException("refused"));
    }
}
