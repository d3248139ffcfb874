using EdgeAssist.AlertRelay.Assist;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.Contracts;
using Google.Protobuf.WellKnownTypes;

namespace EdgeAssist.AlertRelay.Tests.State;

/// <summary>The pure middle of the relay in virtual time: every step is «committed» at once.</summary>
internal sealed class StepHarness
{
    private ClockAnchor _clock = new(new Instant(0), new DateTimeOffset(2026, 1, 5, 9, 0, 0, TimeSpan.Zero));

    public const string Call = "0af7651916cd43dd8448eb211c80319c";

    public AlertPolicy Policy { get; set; } = new();

    /// <summary>Decides about prompts; null: there are none.</summary>
    public AssistDesk? Desk { get; set; }

    public RelayState State { get; private set; } = new() { Epoch = "e", Offset = 0 };

    public List<RelayEvent> Journal { get; } = [];

    public DateTimeOffset Wall => _clock.Wall;

    public IEnumerable<V1.AlertChange> Changes => Journal.Where(said => said.Alert is not null).Select(said => said.Alert!.Change);

    public V1.Alert Newest => Journal.Last(said => said.Alert is not null).Alert!.Alert;

    public void Advance(double seconds)
    {
        var by = TimeSpan.FromSeconds(seconds);
        _clock = new ClockAnchor(_clock.Monotonic + by, _clock.Wall + by);
    }

    /// <summary>The process ends and another one finds what the journal adds up to.</summary>
    public void Restart() => State = Journal.Aggregate(new RelayState { Epoch = State.Epoch, Offset = 0 }, (state, told) => state.Apply(told, Policy, _clock));

    public T Step<T>(Func<RelayStep, T> act)
    {
        var step = new RelayStep(State, Policy, _clock, Desk);
        var result = act(step);
        State = step.State;
        Journal.AddRange(step.Events.Where(said => said.Offset != 0));
        return result;
    }

    public StepAnswer Say(V1.CallEvent said) => Step(step => step.Accept(said));

    public StepAnswer Start(string call = Call, string customer = "") => Say(new V1.CallEvent
    {
        CallId = call,
        Started = new V1.Call { CallId = call, Team = "billing", Agent = "anna", Customer = customer, StartedAt = Timestamp.FromDateTimeOffset(Wall) },
    });

    public StepAnswer Score(V1.Level level, double at, string call = Call) => Say(new V1.CallEvent
    {
        CallId = call,
        Score = new V1.ScoreUpdate { Score = new V1.Score { Level = level, At = Duration.FromTimeSpan(TimeSpan.FromSeconds(at)), Risk = (int)level / 5.0 } },
    });

    public StepAnswer End(string call = Call) => Say(new V1.CallEvent { CallId = call, Ended = new V1.Call { EndReason = "hangup" } });

    public void Tick() => Step(step =>
    {
        step.Tick();
        return true;
    });

    public V1.Alert Alert(string call = Call) => State.Alerts.Values.Single(alert => alert.CallId == call);

    public StepAnswer Silence(TimeSpan length, V1.Level upTo = V1.Level.Unspecified, string requestId = "s") => Step(step => step.Keep(new V1.Silence
    {
        Teams = { "billing" },
        UpToLevel = upTo,
        StartsAt = Timestamp.FromDateTimeOffset(Wall),
        EndsAt = Timestamp.FromDateTimeOffset(Wall + length),
        CreatedBy = "sue",
    }, "sue\n" + requestId, requestId));

    public StepAnswer Act(AlertAction action, string actor, string requestId = "", int expectedVersion = 0, bool overrides = false) => Step(step => step.Act(new ActionRequest
    {
        Action = action,
        AlertId = Newest.AlertId,
        Actor = actor,
        RequestId = requestId,
        ExpectedVersion = expectedVersion,
        Overrides = overrides,
        Reason = "because",
    }, Newest));
}
