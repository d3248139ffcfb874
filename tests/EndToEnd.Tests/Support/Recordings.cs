using EdgeAssist.Inference.Asr;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.Testing;
using EdgeAssist.Testing.Audio;

namespace EdgeAssist.EndToEnd.Tests.Support;

/// <summary>What the tests play.</summary>
internal static class Recordings
{
    private const int Rate = 8000;

    public const string CustomerNumber = "+12025550163";

    /// <summary>A real call of two people, cut while the agent is speaking (from 66.9 to 73.6 s, by the recording's energy).</summary>
    public const double RealCallSeconds = 72.5;

    /// <summary>Both sides of the real call, or null when the shared data is not here.</summary>
    public static (Clip Agent, Clip Customer)? RealCall()
    {
        if (SharedFolder.Find("data/two-party-calls/auto_repairs_40_agent.wav") is not { } agent) return null;
        if (SharedFolder.Find("data/two-party-calls/auto_repairs_40_caller.wav") is not { } customer) return null;
        return (Cut(Clip.ReadWav(agent)), Cut(Clip.ReadWav(customer)));
    }

    public static IReadOnlyList<RecordingCallStream> Streams((Clip Agent, Clip Customer) call) =>
    [
        Stream("1", "sip:frank@contact-centre.example", "Frank Agent", call.Agent),
        Stream("2", $"sip:{CustomerNumber}@carrier.example", "Olivia Customer", call.Customer),
    ];

    public static RecordingCallStream Stream(string label, string aor, string name, Clip clip, byte payloadType = 0) => new()
    {
        Label = label, Aor = aor, Name = name, PayloadType = payloadType, Encoded = clip.Samples.Select(MuLaw.Encode).ToArray(),
    };

    /// <summary>
    /// Prompts of four words and more, spread over the set, with 1.2 s of line noise between them: about 25 prompts in at
    /// most <paramref name="seconds"/>. Null when the set or a FLAC decoder is not here.
    /// </summary>
    public static (Clip Clip, string Said)? Prompts(double seconds)
    {
        if (SpeechSet.Load("asterisk-prompts") is not { } set || Clip.FlacTool is null) return null;

        var noise = new Random(1);
        var fitting = set.Where(prompt => prompt.Seconds is > 1 and < 2.2 && WordErrorRate.Words(prompt.Text).Count >= 4).ToList();
        var samples = new List<short>(Noise(noise, 1.2));
        var said = new List<string>();
        for (var i = 0; i < fitting.Count; i += Math.Max(1, fitting.Count / 26))
        {
            var clip = fitting[i].Load();
            if (samples.Count + clip.Samples.Length + 1.2 * Rate > seconds * Rate) break;
            samples.AddRange(clip.Samples);
            samples.AddRange(Noise(noise, 1.2));
            said.Add(fitting[i].Text);
        }

        return (new Clip(Rate, [.. samples]), string.Join(' ', said));
    }

    private static Clip Cut(Clip clip) => new(clip.SampleRate, clip.Samples[..(int)(RealCallSeconds * clip.SampleRate)]);

    // About -70 dB of full scale, as a quiet line has.
    private static IEnumerable<short> Noise(Random random, double seconds) =>
        Enumerable.Range(0, (int)(seconds * Rate)).Select(_ => (short)random.Next(-18, 19));
}
