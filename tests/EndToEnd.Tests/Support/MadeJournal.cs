using EdgeAssist.AlertRelay.Journal.Sqlite;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.Contracts;
using EdgeAssist.V1;
using Google.Protobuf.WellKnownTypes;
using CallEvent = EdgeAssist.V1.CallEvent;
using PartyRole = EdgeAssist.V1.PartyRole;

namespace EdgeAssist.EndToEnd.Tests.Support;

/// <summary>
/// A journal of calls that never were, written by the relay's own rules in virtual time: seeded, so that what commands make of it
/// is the same every time.
/// </summary>
internal sealed class MadeJournal
{
    private static readonly string[] Teams = ["billing", "returns", "technical support"];
    private static readonly string[] Cues = ["long_wait", "repeated_contact", "asks_for_manager", "broken_promise", "complaint", "anger", "interrupts", "loud", "nobody_helps"];

    private readonly Random _random;
    private readonly List<RelayEvent> _events = [];
    private RelayState _state = new() { Epoch = "", Offset = 0 };
    private DateTimeOffset _now;

    private MadeJournal(int seed, DateTimeOffset start) => (_random, _now) = (new Random(seed), start);

    public static DateTimeOffset Start { get; } = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    /// <summary>Calls one after the other, a few minutes apart, from <see cref="Start"/> on.</summary>
    /// <returns>Their ids.</returns>
    public static async Task<IReadOnlyList<string>> WriteAsync(string directory, int seed, int calls, CancellationToken cancellationToken)
    {
        await using var journal = SqliteJournal.Open(new SqliteJournalOptions(directory), TimeProvider.System);
        var made = new MadeJournal(seed, Start) { _state = new RelayState { Epoch = journal.Epoch, Offset = 0 } };
        var ids = new List<string>();
        for (var i = 0; i < calls; i++) ids.Add(made.Call(i));
        foreach (var chunk in made._events.Chunk(500))
            await journal.AppendAsync(chunk[0].Offset - 1, [.. chunk.Select(RelayEventCodec.ToRecord)], cancellationToken);
        return ids;
    }

    private string Call(int number)
    {
        var id = $"{number:x32}";
        var team = Teams[_random.Next(Teams.Length)];
        var call = new Call
        {
            CallId = id, Team = team, Agent = $"agent{_random.Next(9)}", Customer = $"+1202555{_random.Next(100, 999):D4}", Source = "siprec", StartedAt = Timestamp.FromDateTimeOffset(_now),
            Legs =
            {
                new Leg { Id = 0, Role = PartyRole.Customer, Codec = "PCMU", Aor = "sip:+12025550147@carrier.example", DisplayName = "Daniel Reed" },
                new Leg { Id = 1, Role = PartyRole.Agent, Codec = "PCMU", Aor = "sip:susan@contact-centre.example", DisplayName = "Susan Miller" },
            },
            CorrelationIds = { ["sip-call-id"] = $"{number:D6}@sbc.example" },
        };
        var began = _now;
        Say(new CallEvent { CallId = id, Started = call });
        After(2);
        Words(id, 0, 1, "I am calling about my order", began);
        Words(id, 1, 1, "How can I help you", began);
        Score(id, Level.Calm, 0.05, "", began);
        if (_random.NextDouble() < (team == "billing" ? 0.35 : 0.2)) Upset(id, call, began);
        After(30 + _random.Next(200));
        Say(new CallEvent { CallId = id, Ended = new Call { EndReason = _random.NextDouble() < 0.03 ? "timeout" : "hangup" } });
        After(_random.Next(20, 400));
        return id;
    }

    private void Upset(string id, Call call, DateTimeOffset began)
    {
        var hold = _random.NextDouble() < 0.25;
        After(20 + _random.Next(300));
        if (hold)
        {
            Paused(id, call, true);
            After(30 + _random.Next(90));
            Paused(id, call, false);
            After(5 + _random.Next(40));
        }
        else if (_random.NextDouble() < 0.2)
        {
            Handed(id, call);
            After(10 + _random.Next(45));
        }

        var cue = Cues[Math.Min(Cues.Length - 1, (int)Math.Abs(Math.Round(_random.NextDouble() * _random.NextDouble() * Cues.Length)))];
        Words(id, 0, 2, "I have been waiting for weeks and nobody calls me back", began);
        Score(id, Level.Escalated, 0.83, cue, began);
        After(20 + _random.Next(120));
        if (_random.NextDouble() < 0.35) Handed(id, call);
        else if (_random.NextDouble() < 0.3) Paused(id, call, true);
        After(20 + _random.Next(160));
        if (_random.NextDouble() < 0.6)
        {
            Score(id, Level.Calm, 0.1, "", began);
            After(31);
            Score(id, Level.Calm, 0.08, "", began);
        }
    }

    private void Handed(string id, Call call)
    {
        call.Agent = "lead" + _random.Next(3);
        Say(new CallEvent { CallId = id, Updated = call.Clone() });
    }

    private void Paused(string id, Call call, bool paused)
    {
        foreach (var leg in call.Legs) leg.Paused = paused;
        Say(new CallEvent { CallId = id, Updated = call.Clone() });
    }

    private void Words(string id, int leg, int utterance, string text, DateTimeOffset began) => Say(new CallEvent
    {
        CallId = id,
        Transcript = new Transcript
        {
            Leg = leg, Role = leg == 0 ? PartyRole.Customer : PartyRole.Agent, Utterance = utterance, Text = text, Final = true, Confidence = 0.7f + 0.25f * _random.NextSingle(),
            Start = Duration.FromTimeSpan(_now - began), End = Duration.FromTimeSpan(_now - began + TimeSpan.FromSeconds(2)), LostShare = 0.001f,
        },
    });

    private void Score(string id, Level level, double risk, string cue, DateTimeOffset began)
    {
        var score = new Score { Level = level, Risk = risk, At = Duration.FromTimeSpan(_now - began) };
        if (cue.Length > 0) score.Reasons.Add(new Reason { Cue = cue, Weight = 2, At = score.At, Role = PartyRole.Customer, Quote = "nobody calls me back" });
        Say(new CallEvent { CallId = id, Score = new ScoreUpdate { Score = score } });
    }

    private void After(int seconds) => _now += TimeSpan.FromSeconds(seconds);

    private void Say(CallEvent said)
    {
        var step = new RelayStep(_state, new AlertPolicy(), new ClockAnchor(new Instant(_now.Ticks), _now));
        step.Accept(said);
        _events.AddRange(step.Events.Where(happened => happened.Offset != 0));
        _state = step.State;
    }
}
