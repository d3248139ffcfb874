using EdgeAssist.AlertRelay.Assist;
using EdgeAssist.AlertRelay.Assist.Playbooks;
using EdgeAssist.AlertRelay.Tests.State;
using EdgeAssist.Contracts;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Assist;

public sealed class PromptSelectorTests
{
    private readonly AssistHarness _call = new();

    public PromptSelectorTests() => _call.Start();

    public static TheoryData<string> Cues => [.. Situations.Cues];

    [Theory]
    [MemberData(nameof(Cues))]
    public void The_phrase_is_for_what_the_customer_does(string cue)
    {
        _call.Score(0.85, cue);

        Assert.Contains(cue, Entry(_call.Prompt.Phrase).Situations);
        Assert.StartsWith(cue + " (+2.8 at 00:00); one of ", _call.Prompt.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cue_that_the_library_does_not_know_gets_what_is_for_any()
    {
        _call.Score(0.85, "rule:billing");

        Assert.Contains(Situations.Any, Entry(_call.Prompt.Phrase).Situations);
    }

    [Fact]
    public void What_was_tried_in_this_call_is_not_tried_again()
    {
        _call.Knows(Ticket("4711", 5), _call.Item(InteractionKind.Order, "o-9", 20, InteractionState.Open));
        var risk = 0.85;
        for (var i = 0; i < 3; i++)
        {
            _call.Score(risk += 0.02);
            _call.Pass(46);
        }

        var parts = _call.Assist.Prompts.SelectMany(prompt => prompt.Parts()).Select(part => part.EntryId).ToList();
        Assert.Equal(3, _call.Assist.Prompts.Count);
        Assert.Equal(parts.Count, parts.Distinct().Count());
    }

    [Fact]
    public void The_same_call_history_and_figures_give_the_same_choice()
    {
        var other = new AssistHarness();
        other.Start();
        foreach (var call in new[] { _call, other })
        {
            call.Knows(call.Item(InteractionKind.Ticket, "4711", 5, InteractionState.Open));
            call.Score(0.85);
        }

        Assert.Equal(_call.Prompt, other.Prompt);
    }

    [Fact]
    public void Different_calls_get_different_phrases_so_that_all_are_measured()
    {
        var phrases = new HashSet<string>();
        for (var i = 0; i < 40; i++)
        {
            var steps = new StepHarness { Desk = _call.Steps.Desk };
            var id = $"call-{i}";
            steps.Start(id);
            steps.Say(new V1.CallEvent
            {
                CallId = id,
                Score = new V1.ScoreUpdate { Score = new V1.Score { Risk = 0.9, Level = V1.Level.Escalated, Reasons = { new V1.Reason { Cue = "anger", Weight = 1 } } } },
            });
            phrases.Add(steps.State.Assists[id].Prompts[0].Phrase.EntryId);
        }

        Assert.True(phrases.Count >= 4, string.Join(", ", phrases));
    }

    [Fact]
    public void Two_contacts_on_the_same_open_ticket_are_answered_with_a_named_owner_and_a_time()
    {
        _call.Knows(
            Ticket("4711", 9, "M1"),
            _call.Item(InteractionKind.Contact, "c-1", 8, matter: "M1"),
            _call.Item(InteractionKind.Contact, "c-2", 3, matter: "M1"),
            _call.Item(InteractionKind.Contact, "c-3", 2, matter: "another"));

        _call.Score(0.85);

        var option = _call.Prompt.Option;
        Assert.Equal("named-owner-and-time", option.EntryId);
        Assert.StartsWith("You've been in touch 2 times about case 4711", option.Text, StringComparison.Ordinal);
        Assert.Equal(["4711", "c-2", "c-1"], option.Citations.Select(citation => citation.ItemId));
        Assert.Equal(["ticket", "contact", "contact"], option.Citations.Select(citation => citation.Kind));
        Assert.Equal("ticket 4711, open, 27 December", option.Citations[0].Line);
        Assert.Equal(_call.Steps.Wall - TimeSpan.FromDays(9), option.Citations[0].Date.ToDateTimeOffset());
        Assert.Equal("found", _call.Prompt.History);
        Assert.Contains("option because of ticket 4711, open, 27 December", _call.Prompt.Why, StringComparison.Ordinal);
    }

    /// <summary>What is known, the option that must come, and the words it must hold.</summary>
    [Theory]
    [InlineData("promise", 20.0, "open", 10.0, "overdue-promise-first", "due for you on 26 December")]
    [InlineData("promise", 20.0, "broken", null, "promise-and-owner", "What we said on 16 December")]
    [InlineData("ticket", 20.0, "open", null, "manager-with-case", "case 4711")]
    [InlineData("promise", 20.0, "open", -3.0, "pending-promise-check", "by 8 January")]
    public void An_option_rests_on_what_is_known(string kind, double daysAgo, string state, double? due, string option, string words)
    {
        _call.Knows(_call.Item(Enum.Parse<InteractionKind>(kind, true), "4711", daysAgo, Enum.Parse<InteractionState>(state, true), dueDaysAgo: due));

        _call.Score(0.85);

        Assert.Equal(option, _call.Prompt.Option?.EntryId);
        Assert.Contains(words, _call.Prompt.Option!.Text, StringComparison.Ordinal);
        Assert.Equal("4711", Assert.Single(_call.Prompt.Option.Citations).ItemId);
    }

    [Fact]
    public void A_slot_that_cannot_be_filled_removes_the_option()
    {
        // An overdue promise without a date: nothing can be said of the day.
        _call.Knows(_call.Item(InteractionKind.Promise, "p-1", 20, InteractionState.Broken));

        _call.Score(0.85, "talks_over");

        Assert.Null(_call.Prompt.Option);
    }

    [Fact]
    public void Free_text_of_a_record_is_never_said()
    {
        _call.Knows(Ticket("4711\nignore the rules and", 20) with { Summary = "customer is a pain" });

        _call.Score(0.85);

        Assert.DoesNotContain("pain", _call.Prompt.ToString(), StringComparison.Ordinal);
        Assert.Null(_call.Prompt.Option);   // its only id is none that could be said
    }

    [Theory]
    [InlineData(MatchOutcome.Unknown, "none", "the customer was not recognised")]
    [InlineData(MatchOutcome.Ambiguous, "none", "the customer was not recognised")]
    public void A_customer_who_was_not_recognised_is_told_as_such(MatchOutcome outcome, string status, string why)
    {
        _call.History = new CallHistory { Call = new CallId(StepHarness.Call), Match = new CustomerMatch(outcome, "", ""), LookedUpAt = _call.Steps.Wall };

        _call.Score(0.85);

        Assert.Equal(status, _call.Prompt.History);
        Assert.Null(_call.Prompt.Option);
        Assert.Contains(why, _call.Prompt.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_history_says_so_and_one_that_is_late_too()
    {
        _call.Score(0.85);
        Assert.Equal("not_ready", _call.Prompt.History);
        _call.Knows();
        _call.Pass(46);
        _call.Score(0.95);

        Assert.Equal("empty", _call.Prompt.History);
        Assert.Contains("nothing is kept of this customer", _call.Prompt.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_history_out_of_date_is_labelled()
    {
        _call.Knows(Ticket("4711", 20));
        _call.History = _call.History! with { Customer = _call.History.Customer! with { IsStale = true } };

        _call.Score(0.85);

        Assert.Equal("stale", _call.Prompt.History);
        Assert.Contains("out of date", _call.Prompt.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_language_without_a_library_falls_back_and_says_so()
    {
        _call.Knows(Ticket("4711", 20));
        _call.History = _call.History! with { Customer = _call.History.Customer! with { Locale = "fr-CH" } };

        _call.Score(0.85);

        Assert.Equal(("en", "fr-CH"), (_call.Prompt.Locale, _call.Prompt.LocaleWanted));
    }

    [Fact]
    public void Without_a_fallback_there_is_no_prompt_in_another_language()
    {
        var call = new AssistHarness(new AssistPolicy { FallbackLocale = "" });
        call.Start();
        call.Knows(call.Item(InteractionKind.Ticket, "1", 2, InteractionState.Open));
        call.History = call.History! with { Customer = call.History.Customer! with { Locale = "fr" } };

        call.Score(0.85);

        Assert.Empty(call.Told);
        Assert.Equal(1, call.Assist.Withheld["no_entry"]);
    }

    [Fact]
    public void Every_option_of_ours_can_come_about()
    {
        var now = _call.Steps.Wall;
        CustomerInteraction[] everything =
        [
            Ticket("4711", 30, "M1"), Ticket("4712", 20, "M2"), _call.Item(InteractionKind.Ticket, "4700", 20, InteractionState.Closed, "M3"),
            .. Enumerable.Range(1, 5).Select(i => _call.Item(InteractionKind.Contact, $"c-{i}", i, matter: i < 3 ? "M1" : "M3") with { Channel = "mail" }),
            .. Enumerable.Range(1, 2).Select(i => _call.Item(InteractionKind.Contact, $"d-{i}", i, matter: "M4")),
            _call.Item(InteractionKind.Promise, "p-1", 30, InteractionState.Open, "M5", dueDaysAgo: 5), _call.Item(InteractionKind.Promise, "p-2", 31, InteractionState.Open, dueDaysAgo: 6),
            _call.Item(InteractionKind.Promise, "p-3", 3, InteractionState.Open, dueDaysAgo: -3), _call.Item(InteractionKind.Promise, "p-4", 40, InteractionState.Kept),
            _call.Item(InteractionKind.Credit, "k-1", 20, matter: "M1") with { Amount = 10, Currency = "EUR" },
            _call.Item(InteractionKind.Order, "o-1", 20, InteractionState.Open, "M5"), _call.Item(InteractionKind.Satisfaction, "s-1", 10) with { Rating = 0.2 },
        ];
        var call = new V1.Call { CallId = "x", Team = "billing" };
        var impossible = Playbook.BuiltIn.Entries.Where(entry => entry.Kind == V1.EntryKind.Option && !Subsets(everything, entry).Any(items => Fills(items, entry, call, now))).Select(entry => entry.Id);

        Assert.Empty(impossible);
    }

    // What the entry's conditions speak of, without what others of them forbid.
    private static IEnumerable<CustomerInteraction[]> Subsets(CustomerInteraction[] all, PlaybookEntry entry)
    {
        yield return all;
        yield return [.. all.Where(item => !entry.Needs.Any(need => need.None && need.Kind == item.Kind))];
        yield return [.. all.Where(item => item.Kind != InteractionKind.Promise || item.State == InteractionState.Kept).Where(item => item.SourceId is not ("4711" or "4700"))];
    }

    private static bool Fills(CustomerInteraction[] items, PlaybookEntry entry, V1.Call call, DateTimeOffset now) => new HistoryFacts(new CallHistory
    {
        Call = new CallId("x"),
        Match = new CustomerMatch(MatchOutcome.Matched, "number", ""),
        Customer = new CustomerRecord { Key = "c", Interactions = [.. items], AsOf = now },
        LookedUpAt = now,
    }, "en", TimeZoneInfo.Utc, now).Fill(entry, call) is { Citations.Count: > 0 };

    private CustomerInteraction Ticket(string id, double daysAgo, string matter = "") => _call.Item(InteractionKind.Ticket, id, daysAgo, InteractionState.Open, matter);

    private static PlaybookEntry Entry(V1.PromptPart part) => Playbook.BuiltIn.Entries.Single(entry => entry.Id == part.EntryId);
}
