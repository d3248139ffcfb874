using System.Collections.Immutable;
using EdgeAssist.AlertRelay.Assist;
using EdgeAssist.AlertRelay.Assist.Playbooks;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.AlertRelay.Tests.State;
using EdgeAssist.Contracts;
using Google.Protobuf.WellKnownTypes;

namespace EdgeAssist.AlertRelay.Tests.Assist;

/// <summary>One call with its agent in virtual time, with our library and whatever history a test gives the customer.</summary>
internal sealed class AssistHarness : ICallHistories, IDisclosurePolicy
{
    public AssistHarness(AssistPolicy? policy = null, Playbook? playbook = null)
    {
        Steps = new StepHarness();
        Steps.Desk = new AssistDesk(policy ?? new AssistPolicy(), playbook ?? Playbook.BuiltIn, this, this);
        Began = Steps.Wall;
    }

    public StepHarness Steps { get; }

    public DateTimeOffset Began { get; }

    public CallHistory? History { get; set; }

    public Disclosure Disclosure { get; set; }

    public CallAssist Assist => Steps.State.Assists.GetValueOrDefault(StepHarness.Call, CallAssist.None);

    public V1.Prompt Prompt => Assist.Prompts[^1];

    public IEnumerable<V1.Prompt> Told => Steps.Journal.Select(said => said.Assist?.Prompt).OfType<V1.Prompt>();

    public CallHistory? Of(CallId call) => History;

    public Disclosure For(string team) => Disclosure;

    public void Start(string agent = "anna") => Steps.Say(new V1.CallEvent
    {
        CallId = StepHarness.Call,
        Started = new V1.Call
        {
            CallId = StepHarness.Call,
            Team = "billing",
            Agent = agent,
            StartedAt = Timestamp.FromDateTimeOffset(Steps.Wall),
            Legs = { new V1.Leg { Id = 0, Role = V1.PartyRole.Customer }, new V1.Leg { Id = 1, Role = V1.PartyRole.Agent } },
        },
    });

    public void Score(double risk, string cue = "asks_for_manager", V1.Level? level = null) => Steps.Say(new V1.CallEvent
    {
        CallId = StepHarness.Call,
        Score = new V1.ScoreUpdate
        {
            Score = new V1.Score
            {
                Risk = risk,
                Level = level ?? (risk >= 0.92 ? V1.Level.Critical : risk >= 0.8 ? V1.Level.Escalated : risk >= 0.3 ? V1.Level.Watch : V1.Level.Calm),
                At = Duration.FromTimeSpan(Steps.Wall - Began),
                Reasons = { new V1.Reason { Cue = cue, Weight = 2.8, At = new Duration(), Role = V1.PartyRole.Customer, Quote = "your manager" } },
            },
        },
    });

    public void Speech(bool speaking, int leg = 1) => Steps.Say(new V1.CallEvent
    {
        CallId = StepHarness.Call,
        Speech = new V1.SpeechActivity { Leg = leg, Role = leg == 1 ? V1.PartyRole.Agent : V1.PartyRole.Customer, Speaking = speaking },
    });

    /// <summary>Time goes by in steps of half a second, as it does in the writer.</summary>
    public void Pass(double seconds)
    {
        for (var left = seconds; left > 0; left -= 0.5)
        {
            Steps.Advance(Math.Min(0.5, left));
            Steps.Tick();
        }
    }

    public StepAnswer Act(PromptAction action, string requestId = "", string reason = "", double snooze = 60) => Steps.Step(step => step.Assist!.Act(
        new PromptRequest(action, StepHarness.Call, Prompt.PromptId, "anna", requestId, 0, reason, TimeSpan.FromSeconds(snooze))));

    /// <summary>A history as the directory would find it.</summary>
    public void Knows(params CustomerInteraction[] interactions) => History = new CallHistory
    {
        Call = new CallId(StepHarness.Call),
        Match = new CustomerMatch(MatchOutcome.Matched, "number", "one customer has the number"),
        Customer = new CustomerRecord { Key = "c-1", Interactions = [.. interactions.OrderByDescending(each => each.At)], AsOf = Steps.Wall },
        LookedUpAt = Steps.Wall,
    };

    public CustomerInteraction Item(InteractionKind kind, string id, double daysAgo, InteractionState state = InteractionState.None, string matter = "", double? dueDaysAgo = null) => new()
    {
        Source = "crm",
        SourceId = id,
        Kind = kind,
        State = state,
        At = Steps.Wall - TimeSpan.FromDays(daysAgo),
        DueAt = dueDaysAgo is { } due ? Steps.Wall - TimeSpan.FromDays(due) : null,
        Matter = matter,
        AsOf = Steps.Wall,
    };
}
