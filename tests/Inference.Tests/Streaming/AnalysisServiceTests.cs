using EdgeAssist.Contracts;
using EdgeAssist.Inference.Asr;
using Xunit;

namespace EdgeAssist.Inference.Tests.Streaming;

public sealed class AnalysisServiceTests
{
    [Fact]
    public async Task An_utterance_becomes_one_final_with_its_place_on_the_timeline()
    {
        await using var harness = new AnalysisHarness(new MeasuringRecognizer());
        var (call, legs) = harness.Open();

        legs[0].Quiet(1024);
        legs[0].Loud(1600);
        legs[0].Quiet(1000);
        await AnalysisHarness.CloseAsync(call, legs);

        var final = Assert.Single(harness.Sink.Finals);
        Assert.Equal(1, final.Utterance);
        Assert.Equal(PartyRole.Customer, final.Role);
        Assert.InRange(final.Start.TotalMilliseconds, 990, 1025);
        Assert.InRange(final.End.TotalMilliseconds, 2620, 2660);
        Assert.Equal("2048 ms", final.Text);   // 7 frames of pre-roll, 51 of speech, 6 of tail
    }

    [Fact]
    public async Task Events_begin_with_the_call_and_end_with_it()
    {
        await using var harness = new AnalysisHarness(new MeasuringRecognizer());
        var (call, legs) = harness.Open();

        legs[0].Loud(800);
        call.Update(AnalysisHarness.Call() with { Version = 2 });
        await AnalysisHarness.CloseAsync(call, legs);

        Assert.IsType<CallStarted>(harness.Sink.Events[0]);
        Assert.Equal(CallEndReason.Hangup, Assert.IsType<CallEnded>(harness.Sink.Events[^1]).Reason);
        Assert.Equal(2, Assert.Single(harness.Sink.Events.OfType<CallUpdated>()).Info.Version);
    }

    [Fact]
    public async Task Words_in_the_mouth_at_the_hang_up_are_told_before_the_call_ends()
    {
        await using var harness = new AnalysisHarness(new MeasuringRecognizer());
        var (call, legs) = harness.Open();

        legs[0].Quiet(320);
        legs[0].Loud(900);
        await AnalysisHarness.CloseAsync(call, legs);

        var final = Assert.Single(harness.Sink.Finals);
        Assert.InRange(final.End.TotalMilliseconds, 1200, 1260);
    }

    [Fact]
    public async Task Partials_come_while_somebody_speaks_and_carry_the_number_of_their_final()
    {
        await using var harness = new AnalysisHarness(new MeasuringRecognizer());
        var (call, legs) = harness.Open();

        legs[0].Loud(1000);
        var partial = (TranscriptUpdated)await harness.Sink.WaitForAsync(e => e is TranscriptUpdated { Segment.IsFinal: false });
        legs[0].Quiet(600);
        await AnalysisHarness.CloseAsync(call, legs);

        var final = Assert.Single(harness.Sink.Finals);
        Assert.Equal(final.Utterance, partial.Segment.Utterance);
        Assert.True(partial.Segment.End <= final.End + TimeSpan.FromMilliseconds(32));
        Assert.Equal(AnalysisRung.Full, partial.Rung);
        Assert.Equal(2, final.StableWords);   // "1100 ms"
    }

    [Fact]
    public async Task The_first_partial_comes_after_320_ms_and_is_tried_again_soon_while_nothing_is_heard()
    {
        var recognizer = new MeasuringRecognizer { Say = _ => Recognition.Nothing };
        await using var harness = new AnalysisHarness(recognizer);
        var (call, legs) = harness.Open();

        legs[0].Loud(420);
        await recognizer.WaitForAsync(1);
        legs[0].Loud(340);
        await recognizer.WaitForAsync(2);

        // No pre-roll: the call begins with the words. The second takes in what was heard until the first was answered.
        Assert.Equal(320, recognizer.Heard.First());
        Assert.InRange(recognizer.Heard.ElementAt(1), 640, 760);
        await AnalysisHarness.CloseAsync(call, legs);
    }

    [Fact]
    public async Task The_hops_of_a_score_add_up_and_start_when_the_last_word_arrived()
    {
        await using var harness = new AnalysisHarness(new MeasuringRecognizer());
        var info = AnalysisHarness.Call(origin: Instant.Now(TimeProvider.System) - TimeSpan.FromSeconds(10));
        var (call, legs) = AnalysisHarness.Open(harness.Service, info);

        legs[0].Quiet(500);
        legs[0].Loud(1000);
        legs[0].Quiet(800);
        await AnalysisHarness.CloseAsync(call, legs);

        var score = harness.Sink.Events.OfType<ScoreUpdated>().Last();
        Assert.Equal([Hop.Media, Hop.EndOfUtterance, Hop.Queue, Hop.Recognition, Hop.Scoring], score.Trace.Hops.Select(hop => hop.Hop));
        Assert.InRange((score.Trace.Origin - info.Origin).TotalMilliseconds, 1500, 1536 + 20 + 5);
        Assert.Equal(60, score.Trace.Hops[0].Duration.TotalMilliseconds);
        Assert.Equal(score.At, score.Trace.End);
    }

    [Fact]
    public async Task A_score_of_the_voice_alone_has_passed_media_and_scoring_only()
    {
        await using var harness = new AnalysisHarness(new MeasuringRecognizer());
        var (call, legs) = harness.Open();

        legs[0].Loud(600);
        await AnalysisHarness.CloseAsync(call, legs);

        var score = harness.Sink.Events.OfType<ScoreUpdated>().First();
        Assert.Equal([Hop.Media, Hop.Scoring], score.Trace.Hops.Select(hop => hop.Hop));
    }

    [Fact]
    public async Task Finals_of_a_leg_are_told_in_the_order_they_were_spoken()
    {
        using var second = new ManualResetEventSlim();
        var recognizer = new MeasuringRecognizer();
        recognizer.During = (milliseconds, token) =>
        {
            if (milliseconds > 1300) second.Wait(TimeSpan.FromSeconds(10), token);   // the first one, held up until the second is through
            else second.Set();
        };
        await using var harness = new AnalysisHarness(recognizer, workers: 2, ladder: NoPartials);
        var (call, legs) = harness.Open();

        legs[0].Loud(1400);
        legs[0].Quiet(600);
        legs[0].Loud(400);
        legs[0].Quiet(600);
        await AnalysisHarness.CloseAsync(call, legs);

        Assert.Equal([1, 2], harness.Sink.Finals.Select(final => final.Utterance));
    }

    [Fact]
    public async Task A_long_hole_is_announced_and_ends_the_utterance()
    {
        await using var harness = new AnalysisHarness(new MeasuringRecognizer());
        var (call, legs) = harness.Open();

        legs[0].Loud(1000);
        legs[0].Skip(2000);
        legs[0].Loud(1000);
        legs[0].Quiet(600);
        await AnalysisHarness.CloseAsync(call, legs);

        var gap = Assert.Single(harness.Sink.Events.OfType<AnalysisGap>());
        Assert.Equal("network_loss", gap.Cause);
        Assert.Equal(TimeSpan.FromMilliseconds(992), gap.From);   // the last 8 ms filled no frame
        Assert.Equal(TimeSpan.FromMilliseconds(3000), gap.To);
        Assert.Equal(2, harness.Sink.Finals.Count());
        Assert.Equal(TimeSpan.FromMilliseconds(3000), harness.Sink.Finals.Last().Start);
    }

    [Fact]
    public async Task Lost_audio_is_announced_and_shows_in_the_share_of_the_utterance()
    {
        await using var harness = new AnalysisHarness(new MeasuringRecognizer());
        var (call, legs) = harness.Open();

        legs[0].Loud(1000);
        legs[0].Lost(240);
        legs[0].Loud(1000);
        legs[0].Quiet(600);
        await AnalysisHarness.CloseAsync(call, legs);

        Assert.Equal("network_loss", Assert.Single(harness.Sink.Events.OfType<AnalysisGap>()).Cause);
        Assert.InRange(Assert.Single(harness.Sink.Finals).LostShare, 0.08f, 0.13f);
    }

    [Fact]
    public async Task A_failing_recogniser_costs_one_utterance_and_not_the_call()
    {
        var recognizer = new MeasuringRecognizer { During = (milliseconds, _) => { if (milliseconds > 1300) throw new InvalidOperationException("Broken."); } };
        await using var harness = new AnalysisHarness(recognizer, ladder: NoPartials);
        var (call, legs) = harness.Open();

        legs[0].Loud(1400);
        legs[0].Quiet(600);
        legs[0].Loud(500);
        legs[0].Quiet(600);
        await AnalysisHarness.CloseAsync(call, legs);

        Assert.Equal("recogniser_failed", Assert.Single(harness.Sink.Events.OfType<AnalysisGap>()).Cause);
        Assert.Equal(2, Assert.Single(harness.Sink.Finals).Utterance);
    }

    [Fact]
    public async Task A_failure_inside_one_call_ends_its_analysis_and_leaves_the_others_alone()
    {
        await using var harness = new AnalysisHarness(new MeasuringRecognizer());
        harness.Scorer.Fails = true;
        var (broken, brokenLegs) = AnalysisHarness.Open(harness.Service, AnalysisHarness.Call("broken"));
        brokenLegs[0].Loud(800);
        brokenLegs[0].Quiet(600);
        await harness.Sink.WaitForAsync(e => e is AnalysisGap { Cause: "recogniser_failed" });
        harness.Scorer.Fails = false;

        var (sound, soundLegs) = AnalysisHarness.Open(harness.Service, AnalysisHarness.Call("sound"));
        soundLegs[0].Loud(800);
        await AnalysisHarness.CloseAsync(sound, soundLegs);
        await AnalysisHarness.CloseAsync(broken, brokenLegs);

        Assert.Contains(harness.Sink.Events, e => e is TranscriptUpdated { Segment.IsFinal: true } && e.Call.Value == "sound");
        Assert.IsType<CallEnded>(harness.Sink.Events.Last(e => e.Call.Value == "broken"));
        Assert.Equal(0, harness.Service.Calls);
    }

    [Fact]
    public async Task Without_a_recogniser_calls_get_voice_only_and_are_told_why()
    {
        await using var harness = new AnalysisHarness(recognizer: null);
        var (call, legs) = harness.Open();

        legs[0].Loud(800);
        await AnalysisHarness.CloseAsync(call, legs);

        var change = Assert.Single(harness.Sink.Events.OfType<RungChanged>());
        Assert.Equal((AnalysisRung.VoiceOnly, "No recogniser was given."), (change.Rung, change.Why));
        Assert.Equal(AnalysisRung.VoiceOnly, Assert.Single(harness.Sink.Events.OfType<ScoreUpdated>()).Rung);
        Assert.Empty(harness.Sink.Finals);
    }

    [Fact]
    public async Task An_event_that_is_refused_is_offered_again()
    {
        await using var harness = new AnalysisHarness(new MeasuringRecognizer());
        var refusals = 2;
        harness.Sink.Before = e =>
        {
            if (e is TranscriptUpdated { Segment.IsFinal: true } && refusals-- > 0) throw new ScoreSinkException("The disk is full.");
        };
        var (call, legs) = harness.Open();

        legs[0].Loud(800);
        await AnalysisHarness.CloseAsync(call, legs);

        Assert.Single(harness.Sink.Finals);
        Assert.Equal(-1, refusals);
    }

    [Fact]
    public async Task A_closing_that_is_given_up_returns_at_once_and_the_call_still_ends()
    {
        using var held = new ManualResetEventSlim();
        var recognizer = new MeasuringRecognizer { During = (_, token) => held.Wait(TimeSpan.FromSeconds(10), token) };
        await using var harness = new AnalysisHarness(recognizer);
        var (call, legs) = harness.Open();
        legs[0].Loud(800);
        legs[0].Pipe.Complete();

        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await call.CloseAsync(CallEndReason.Shutdown, patience.Token);

        await harness.Sink.WaitForAsync(e => e is CallEnded { Reason: CallEndReason.Shutdown });
        Assert.Equal("worker_lost", Assert.Single(harness.Sink.Events.OfType<AnalysisGap>()).Cause);
    }

    [Fact]
    public async Task Two_legs_keep_their_own_utterances_and_roles()
    {
        await using var harness = new AnalysisHarness(new MeasuringRecognizer());
        var (call, legs) = harness.Open(legs: 2);

        legs[0].Loud(800);
        legs[0].Quiet(2000);
        legs[1].Quiet(1500);
        legs[1].Loud(800);
        legs[1].Quiet(500);
        await AnalysisHarness.CloseAsync(call, legs);

        Assert.Equal([(PartyRole.Customer, 1), (PartyRole.Agent, 1)], harness.Sink.Finals.OrderBy(final => final.Start).Select(final => (final.Role, final.Utterance)));
    }

    private static Inference.Streaming.LadderSettings NoPartials => AnalysisHarness.Patient with { NoPartials = TimeSpan.Zero };
}
