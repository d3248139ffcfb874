using EdgeAssist.AlertRelay.Assist;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.AlertRelay.Tests.State;
using EdgeAssist.Contracts;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Assist;

public sealed class AttentionBudgetTests
{
    private readonly AssistHarness _call = new();

    public AttentionBudgetTests() => _call.Start();

    [Fact]
    public void A_call_that_goes_bad_gets_one_prompt_with_the_score_that_called_for_it()
    {
        _call.Score(0.85);

        Assert.Equal(V1.PromptState.Offered, _call.Prompt.State);
        Assert.Equal("asks_for_manager", _call.Prompt.Situation);
        Assert.Equal(0.85, _call.Prompt.Confidence);
        Assert.Equal(1, _call.Prompt.Number);
        Assert.Single(_call.Told);
    }

    [Theory]
    [InlineData(0.79, V1.Level.Escalated)]   // a level that still stands after the risk fell
    [InlineData(0.85, V1.Level.Watch)]
    [InlineData(double.NaN, V1.Level.Critical)]
    public void A_guess_is_no_reason(double risk, V1.Level level)
    {
        _call.Score(risk, level: level);

        Assert.Empty(_call.Told);
    }

    [Fact]
    public void While_the_agent_speaks_the_prompt_waits_and_comes_with_their_pause()
    {
        _call.Speech(true);
        _call.Score(0.85);
        Assert.Empty(_call.Told);
        _call.Pass(3);

        _call.Speech(false);

        Assert.Equal(V1.PromptState.Offered, _call.Prompt.State);
        Assert.Equal(_call.Steps.Wall, _call.Prompt.TriggeredAt.ToDateTimeOffset());
        Assert.Empty(_call.Assist.Withheld);   // it came late and was not kept back
    }

    [Fact]
    public void The_customers_own_speech_keeps_nothing_back()
    {
        _call.Speech(true, leg: 0);

        _call.Score(0.85);

        Assert.Single(_call.Told);
    }

    [Fact]
    public void Where_nobody_tells_who_speaks_growing_words_of_the_agent_do()
    {
        _call.Steps.Say(new V1.CallEvent { CallId = StepHarness.Call, Transcript = Words(final: false) });
        _call.Score(0.85);
        Assert.Empty(_call.Told);

        _call.Steps.Say(new V1.CallEvent { CallId = StepHarness.Call, Transcript = Words(final: true) });
        _call.Pass(0.5);

        Assert.Single(_call.Told);
    }

    [Fact]
    public void What_waited_and_passed_by_itself_is_no_prompt()
    {
        _call.Speech(true);
        _call.Score(0.85);
        _call.Score(0.2);

        _call.Speech(false);
        _call.Pass(60);

        Assert.Empty(_call.Told);
    }

    [Fact]
    public void What_waits_too_long_is_counted_by_what_kept_it()
    {
        _call.Speech(true);
        _call.Score(0.85);

        _call.Pass(70);

        Assert.Empty(_call.Told);
        Assert.Equal(1, _call.Assist.Withheld["agent_speaks"]);
    }

    [Fact]
    public void The_next_one_comes_45_s_after_the_last_and_takes_its_place()
    {
        _call.Score(0.85);
        var first = _call.Prompt.PromptId;
        _call.Pass(10);
        _call.Score(0.95, "threat_to_leave");

        _call.Pass(34);
        Assert.Equal(first, _call.Prompt.PromptId);
        _call.Pass(2);

        Assert.NotEqual(first, _call.Prompt.PromptId);
        Assert.Equal(V1.PromptState.Superseded, _call.Assist.Prompts[0].State);
        Assert.Equal("threat_to_leave", _call.Prompt.Situation);
    }

    [Fact]
    public void A_risk_that_falls_after_a_prompt_is_left_alone()
    {
        _call.Score(0.95);
        _call.Pass(50);

        _call.Score(0.88);

        Assert.Single(_call.Assist.Prompts);
    }

    [Fact]
    public void Three_a_call_and_not_one_more()
    {
        var risk = 0.85;
        for (var i = 0; i < 8; i++)
        {
            _call.Score(risk += 0.01);
            _call.Pass(46);
        }

        Assert.Equal(3, _call.Assist.Prompts.Count);
        Assert.True(_call.Assist.Withheld["too_many"] > 0);
    }

    [Fact]
    public void Snoozing_gives_quiet_and_then_the_same_prompt_which_counts_again()
    {
        _call.Score(0.85);
        _call.Act(PromptAction.Show);
        _call.Act(PromptAction.Snooze, snooze: 90);
        var snoozed = _call.Prompt;
        _call.Score(0.95, "threat_to_leave");
        _call.Pass(80);
        Assert.Single(_call.Assist.Prompts);
        Assert.Equal(1, _call.Assist.Withheld["snoozed"]);

        _call.Pass(11);

        Assert.Equal(snoozed.PromptId, _call.Prompt.PromptId);
        Assert.Equal(V1.PromptState.Offered, _call.Prompt.State);
        Assert.Equal(2, _call.Prompt.Number);
        Assert.Null(_call.Prompt.ShownAt);
    }

    [Fact]
    public void A_snoozed_prompt_of_a_call_that_calmed_does_not_come_back()
    {
        _call.Score(0.85);
        _call.Act(PromptAction.Snooze);
        _call.Score(0.1);

        _call.Pass(61);

        Assert.Equal(V1.PromptState.Expired, _call.Prompt.State);
    }

    [Fact]
    public void Without_an_agent_there_is_nobody_to_ask_for_attention()
    {
        var call = new AssistHarness();
        call.Start(agent: "");

        call.Score(0.85);

        Assert.Empty(call.Told);
        Assert.Equal(1, call.Assist.Withheld["no_agent"]);
    }

    [Fact]
    public void In_an_observed_team_the_prompt_is_made_and_kept_and_counts_as_if_it_had_been_shown()
    {
        _call.Disclosure = Disclosure.Observe;
        _call.Score(0.85);
        _call.Pass(20);
        _call.Score(0.95, "threat_to_leave");
        _call.Pass(30);

        Assert.Equal([V1.PromptState.WouldBe, V1.PromptState.WouldBe], _call.Assist.Prompts.Select(prompt => prompt.State));
        Assert.True(_call.Assist.Prompts[1].OfferedAt.ToDateTimeOffset() - _call.Assist.Prompts[0].OfferedAt.ToDateTimeOffset() >= TimeSpan.FromSeconds(45));
        Assert.Equal(StepVerdict.DoesNotFit, _call.Act(PromptAction.Accept).Verdict);
    }

    [Fact]
    public void A_call_that_becomes_another_agents_takes_its_prompt_away_from_the_first()
    {
        _call.Score(0.85);

        _call.Steps.Say(new V1.CallEvent { CallId = StepHarness.Call, Updated = new V1.Call { Team = "billing", Agent = "bert" } });

        Assert.Equal(V1.PromptState.Superseded, _call.Prompt.State);
    }

    [Fact]
    public void The_end_of_the_call_settles_what_stands()
    {
        _call.Score(0.85);

        _call.Steps.End();

        Assert.Equal(V1.PromptState.CallEnded, _call.Told.Last().State);
    }

    [Fact]
    public void A_prompt_that_nobody_takes_up_expires()
    {
        _call.Score(0.85);
        _call.Act(PromptAction.Show);

        _call.Pass(61);

        Assert.Equal(V1.PromptState.Expired, _call.Prompt.State);
    }

    [Fact]
    public void The_same_request_gives_the_same_answer_and_another_use_of_its_id_none()
    {
        _call.Score(0.85);

        var first = _call.Act(PromptAction.Dismiss, "r1", "not now");
        var second = _call.Act(PromptAction.Dismiss, "r1", "not now");
        var reused = _call.Act(PromptAction.Accept, "r1");

        Assert.Equal(first.Assist!.Prompt, second.Assist!.Prompt);
        Assert.Equal(StepVerdict.RequestIdReused, reused.Verdict);
        Assert.Equal(StepVerdict.DoesNotFit, _call.Act(PromptAction.Accept, "r2").Verdict);
    }

    /// <summary>Any order of scores, speech, acts, pauses, restarts and lost calls: the limits hold in what was told.</summary>
    [Fact]
    public void The_limits_hold_in_any_order_of_events()
    {
        var seed = Environment.TickCount;
        var (offers, restarts) = (0, 0);
        for (var run = 0; run < 300; run++)
        {
            var model = new BudgetModel(new Random(seed + run), $"seed {seed + run}");
            model.Run();
            (offers, restarts) = (offers + model.Offers, restarts + model.Restarts);
        }

        Assert.True(offers > 200, $"{offers} offers in all (seed {seed}): the runs hardly try the limits");
        Assert.True(restarts > 50);
    }

    private static V1.Transcript Words(bool final) => new()
    {
        Leg = 1,
        Role = V1.PartyRole.Agent,
        Utterance = 1,
        Text = "let me",
        Final = final,
        Start = new Google.Protobuf.WellKnownTypes.Duration(),
        End = new Google.Protobuf.WellKnownTypes.Duration(),
    };

    /// <summary>What the events of one call must obey, kept beside them.</summary>
    private sealed class BudgetModel(Random random, string name)
    {
        private static readonly string[] Cues = ["asks_for_manager", "threat_to_leave", "anger", "long_wait", "complaint"];

        private readonly AssistHarness _call = new();
        private readonly HashSet<string> _open = [];
        private readonly List<DateTimeOffset> _offers = [];
        private DateTimeOffset _quietUntil;
        private bool _agentSpeaks;
        private int _read;

        public int Offers => _offers.Count;

        public int Restarts { get; private set; }

        public void Run()
        {
            _call.Start();
            for (var i = 0; i < 80; i++)
            {
                Act();
                Check();
            }
        }

        private void Act()
        {
            switch (random.Next(12))
            {
                case 0 or 1 or 2 or 3:
                    _call.Score(Math.Round(random.NextDouble() < 0.2 ? random.NextDouble() : 0.75 + 0.24 * random.NextDouble(), 2), Cues[random.Next(Cues.Length)]);
                    break;
                case 4 or 5:
                    _agentSpeaks = !_agentSpeaks;
                    _call.Speech(_agentSpeaks);
                    break;
                case 6 when !_call.Assist.Prompts.IsEmpty:
                    _call.Act((PromptAction)random.Next(3));
                    break;
                case 7 when _call.Assist.Open is not null:
                    var length = random.Next(15, 120);
                    _call.Act(PromptAction.Snooze, snooze: length);
                    _quietUntil = _call.Steps.Wall + TimeSpan.FromSeconds(length);
                    break;
                case 8 when random.Next(4) == 0:
                    // The relay is killed; the call is lost with it and said anew under its id.
                    _call.Steps.Restart();
                    _call.Steps.Step(step =>
                    {
                        step.CloseLostCalls(new HashSet<string> { StepHarness.Call });
                        return true;
                    });
                    _call.Start();
                    _agentSpeaks = false;
                    Restarts++;
                    break;
                default:
                    _call.Pass(random.Next(1, 20));
                    break;
            }
        }

        private void Check()
        {
            for (; _read < _call.Steps.Journal.Count; _read++)
            {
                if (_call.Steps.Journal[_read].Assist?.Prompt is not { } prompt) continue;
                if (prompt.State == V1.PromptState.Offered) Offered(prompt);
                else if (prompt.State != V1.PromptState.Shown) _open.Remove(prompt.PromptId);
                Assert.True(_open.Count <= 1, $"{_open.Count} at once ({name})");
            }
        }

        private void Offered(V1.Prompt prompt)
        {
            var at = prompt.OfferedAt.ToDateTimeOffset();
            Assert.True(_offers.Count < 3, $"a fourth ({name})");
            Assert.True(_offers.Count == 0 || at - _offers[^1] >= TimeSpan.FromSeconds(45), $"too soon ({name})");
            Assert.True(prompt.Confidence >= 0.8, $"a guess ({name})");
            Assert.False(_agentSpeaks, $"while the agent speaks ({name})");
            Assert.True(at >= _quietUntil, $"in the quiet ({name})");
            Assert.Equal(_offers.Count + 1, prompt.Number);
            _offers.Add(at);
            _open.Add(prompt.PromptId);
        }
    }
}
