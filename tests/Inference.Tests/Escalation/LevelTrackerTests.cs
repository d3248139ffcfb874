using CsCheck;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Escalation;
using Xunit;

namespace EdgeAssist.Inference.Tests.Escalation;

public sealed class LevelTrackerTests
{
    /// <summary>Thresholds of their own: the risks below were chosen for them, and those in force move with every fit.</summary>
    private static readonly EscalationOptions Options = new()
    {
        Watch = new LevelThresholds(0.25, 0.15),
        Escalated = new LevelThresholds(0.60, 0.40),
        Critical = new LevelThresholds(0.88, 0.70),
    };

    [Fact]
    public void A_noisy_series_is_one_rise_and_one_fall() =>
        Gen.Double[-0.18, 0.18].Array[600].Sample(noise =>
        {
            var tracker = new LevelTracker(Options);
            var (rises, falls) = (0, 0);
            for (var i = 0; i < noise.Length; i++)
            {
                var center = i < 100 ? 0.3 : i < 400 ? 0.72 : 0.1;
                var before = tracker.Level;
                tracker.Update(Math.Clamp(center + noise[i], 0, 1), TimeSpan.FromMilliseconds(250 * i));
                if (before < EscalationLevel.Escalated && tracker.Level >= EscalationLevel.Escalated) rises++;
                if (before >= EscalationLevel.Escalated && tracker.Level < EscalationLevel.Escalated) falls++;
            }

            return rises == 1 && falls == 1;
        }, iter: 300);

    [Fact]
    public void A_level_is_kept_for_its_minimum_whatever_the_risk_does() =>
        Gen.Double[0, 1].Array[200].Sample(risks =>
        {
            var tracker = new LevelTracker(Options);
            var raised = TimeSpan.Zero;
            for (var i = 0; i < risks.Length; i++)
            {
                var at = TimeSpan.FromMilliseconds(500 * i);
                var before = tracker.Level;
                tracker.Update(risks[i], at);
                if (tracker.Level > before) raised = at;
                if (tracker.Level < before && at - raised < Options.MinimumDuration) return false;
            }

            return true;
        }, iter: 300);

    [Fact]
    public void It_falls_only_after_the_risk_stayed_low_without_a_break()
    {
        var tracker = new LevelTracker(Options);
        tracker.Update(0.8, TimeSpan.Zero);

        tracker.Update(0.1, TimeSpan.FromSeconds(20));
        tracker.Update(0.5, TimeSpan.FromSeconds(25));
        tracker.Update(0.1, TimeSpan.FromSeconds(26));
        tracker.Update(0.1, TimeSpan.FromSeconds(35));
        Assert.Equal(EscalationLevel.Escalated, tracker.Level);

        tracker.Update(0.1, TimeSpan.FromSeconds(36));
        Assert.Equal(EscalationLevel.Calm, tracker.Level);
    }

    [Fact]
    public void Soon_after_an_episode_the_next_must_be_clearer()
    {
        var tracker = new LevelTracker(Options);
        tracker.Update(0.8, TimeSpan.Zero);
        tracker.Update(0.1, TimeSpan.FromSeconds(20));
        tracker.Update(0.1, TimeSpan.FromSeconds(31));

        tracker.Update(0.65, TimeSpan.FromSeconds(40));
        Assert.Equal(EscalationLevel.Watch, tracker.Level);

        tracker.Update(0.65, TimeSpan.FromSeconds(62));
        Assert.Equal(EscalationLevel.Escalated, tracker.Level);
    }
}
