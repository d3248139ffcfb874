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
    private readonly TimeSpan _voiceFrame;
    private readonly AnalysisSettings _settings;

    /// <param name="costs">At least two, by growing length; between and beyond them costs run on in a line.</param>
    /// <param name="voiceFrame">Of a leg's frame of 32 ms through voice activity.</param>
    /// <param name="settings">How often partials come.</param>
    internal MachineEstimate(ImmutableArray<UtteranceCost> costs, TimeSpan voiceFrame, AnalysisSettings settings) =>
        (_costs, _voiceFrame, _settings) = (costs, voiceFrame, settings);

    /// <summary>What was measured, with every core at work.</summary>
    public static MachineEstimate Of(MeasuredSpeed speed, InferenceOptions options)
    {
        ArgumentNullException.ThrowIfNull(speed);
        ArgumentNullException.ThrowIfNull(options);
        return new MachineEstimate([.. speed.Costs.Select(cost => cost with { Spent = cost.Spent * speed.Together })], speed.VoiceFrame, InferenceRuntime.Settings(options));
    }

    /// <summary>Share of the cores up to which an average leaves room for the moments when many speak at once.</summary>
    public static double Usable { get; } = new LadderSettings().Admits;

    /// <summary>Share of one core that a call takes at a rung, 1 being all of it.</summary>
    /// <param name="rung">What is recognised.</param>
    /// <param name="agentPartials">At the first rung: whether the agent's words come as partials too.</param>
    public double OfCall(AnalysisRung rung, bool agentPartials)
    {
        var voice = 2 * _voiceFrame.TotalSeconds / PcmFormat.Duration(VadFrame.Samples).TotalSeconds;
        return rung switch
        {
            AnalysisRung.VoiceOnly => voice,
            AnalysisRung.CustomerFinalsOnly => voice + Finals,
            AnalysisRung.NoPartials => voice + (2 * Finals),
            _ => voice + (2 * Finals) + ((agentPartials ? 2 : 1) * Partials),
        };
    }

    /// <summary>Calls that fit on so many cores at a rung.</summary>
    public int Calls(int cores, AnalysisRung rung, bool agentPartials) => (int)(Usable * cores / OfCall(rung, agentPartials));

    /// <summary>The best rung at which so many calls fit; voice alone when none does.</summary>
    public AnalysisRung RungOf(int calls, int cores, bool agentPartials) =>
        Enum.GetValues<AnalysisRung>().Order().FirstOrDefault(rung => Calls(cores, rung, agentPartials) >= calls, AnalysisRung.VoiceOnly);

    /// <summary>Of an utterance of this length.</summary>
    internal TimeSpan Cost(TimeSpan audio)
    {
        var above = 1;
        while (above < _costs.Length - 1 && _costs[above].Audio < audio) above++;
        var (a, b) = (_costs[above - 1], _costs[above]);
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
            for (var at = _settings.FirstPartialSamples; PcmFormat.Duration(at) < Sentence; at += _settings.PartialSamples) spent += Cost(PcmFormat.Duration(at) + PreRoll);
            return SpeechShare * (spent / Sentence);
        }
    }

    private TimeSpan PreRoll => PcmFormat.Duration((long)_settings.Segmenter.PreRollFrames * VadFrame.Samples);

    private TimeSpan Edges => PreRoll + PcmFormat.Duration((long)_settings.Segmenter.TailFrames * VadFrame.Samples);
}
