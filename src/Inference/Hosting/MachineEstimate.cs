using System.Collections.Immutable;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Streaming;
using EdgeAssist.Inference.Vad;

namespace EdgeAssist.Inference.Hosting;

/// <summary>Processor time that one utterance takes to recognise.</summary>
/// <param name="Audio">Its length, as it is cut.</param>
/// <param name="Spent">Of one core.</param>
public readonly record struct UtteranceCost(TimeSpan Audio, TimeSpan Spent);

/// <summary>
/// What calls need of a machine, from measured costs: a calculation, not a trial. A call is two parties who speak 40 % of the
/// time each, in sentences of four seconds; partials come as the settings say; scoring and the gateway are not in it.
/// </summary>
public sealed class MachineEstimate
{
    private const double SpeechShare = 0.4;
    private static readonly TimeSpan Sentence = TimeSpan.FromSeconds(4);

    private readonly ImmutableArray<UtteranceCost> _costs;
    private readonly ImmutableArray<UtteranceCost> _partialCosts;
    private readonly TimeSpan _voiceFrame;
    private readonly AnalysisSettings _settings;

    /// <param name="costs">At least two, by growing length; between and beyond them costs run on in a line.</param>
    /// <param name="partialCosts">The same of an utterance whose beginning was recognised before.</param>
    /// <param name="voiceFrame">Of a leg's frame of 32 ms through voice activity.</param>
    /// <param name="settings">How often partials come.</param>
    internal MachineEstimate(ImmutableArray<UtteranceCost> costs, ImmutableArray<UtteranceCost> partialCosts, TimeSpan voiceFrame, AnalysisSettings settings) =>
        (_costs, _partialCosts, _voiceFrame, _settings) = (costs, partialCosts, voiceFrame, settings);

    /// <summary>What was measured, with every core at work.</summary>
    public static MachineEstimate Of(MeasuredSpeed speed, InferenceOptions options)
    {
        ArgumentNullException.ThrowIfNull(speed);
        ArgumentNullException.ThrowIfNull(options);
        return new MachineEstimate(Together(speed.Costs), Together(speed.PartialCosts), speed.VoiceFrame, InferenceRuntime.Settings(options));

        ImmutableArray<UtteranceCost> Together(ImmutableArray<UtteranceCost> costs) => [.. costs.Select(cost => cost with { Spent = cost.Spent * speed.Together })];
    }

    /// <summary>Share of the cores up to which an average leaves room for the moments when many speak at once.</summary>
    public static double Usable { get; } = new LadderSettings().Admits;

    /// <summary>Partials come at most so many times further apart than set before they stop.</summary>
    public static double SlowestPace => SpeechLoad.SlowestPace;

    /// <summary>Share of one core that a call takes at a rung, 1 being all of it.</summary>
    /// <param name="rung">What is recognised.</param>
    /// <param name="agentPartials">At the first rung: whether the agent's words come as partials too.</param>
    /// <param name="pace">How many times further apart than set partials come, 1 to <see cref="SlowestPace"/>.</param>
    public double OfCall(AnalysisRung rung, bool agentPartials, double pace = 1)
    {
        var voice = 2 * _voiceFrame.TotalSeconds / PcmFormat.Duration(VadFrame.Samples).TotalSeconds;
        return rung switch
        {
            AnalysisRung.VoiceOnly => voice,
            AnalysisRung.CustomerFinalsOnly => voice + Finals,
            AnalysisRung.NoPartials => voice + (2 * Finals),
            _ => voice + (2 * Finals) + ((agentPartials ? 2 : 1) * Partials / pace),
        };
    }

    /// <summary>Calls that fit on so many cores at a rung.</summary>
    public int Calls(int cores, AnalysisRung rung, bool agentPartials, double pace = 1) => (int)(Usable * cores / OfCall(rung, agentPartials, pace));

    /// <summary>The best rung at which so many calls fit, the customer's partials coming as slowly as need be and the agent's not at all; voice alone when none does.</summary>
    public AnalysisRung RungOf(int calls, int cores) =>
        Enum.GetValues<AnalysisRung>().Order().FirstOrDefault(rung => Calls(cores, rung, agentPartials: false, SlowestPace) >= calls, AnalysisRung.VoiceOnly);

    /// <summary>Of an utterance of this length.</summary>
    internal TimeSpan Cost(TimeSpan audio) => Cost(_costs, audio);

    private static TimeSpan Cost(ImmutableArray<UtteranceCost> costs, TimeSpan audio)
    {
        var above = 1;
        while (above < costs.Length - 1 && costs[above].Audio < audio) above++;
        var (a, b) = (costs[above - 1], costs[above]);
        var spent = a.Spent + ((b.Spent - a.Spent) * ((audio - a.Audio) / (b.Audio - a.Audio)));
        return spent > TimeSpan.Zero ? spent : TimeSpan.Zero;
    }

    // Processor seconds a second of one leg.
    private double Finals => SpeechShare * (Cost(Sentence + Edges) / Sentence);

    private double Partials
    {
        get
        {
            var spent = TimeSpan.Zero;
            for (var at = _settings.FirstPartialSamples; PcmFormat.Duration(at) < Sentence; at += _settings.PartialSamples) spent += Cost(_partialCosts, PcmFormat.Duration(at) + PreRoll);
            return SpeechShare * (spent / Sentence);
        }
    }

    private TimeSpan PreRoll => PcmFormat.Duration((long)_settings.Segmenter.PreRollFrames * VadFrame.Samples);

    private TimeSpan Edges => PreRoll + PcmFormat.Duration((long)_settings.Segmenter.TailFrames * VadFrame.Samples);
}
