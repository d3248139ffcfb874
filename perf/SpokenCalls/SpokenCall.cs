using EdgeAssist.Contracts;
using EdgeAssist.Host.Replay;
using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.Training.Data;
using EdgeAssist.Training.Escalation;
using EdgeAssist.Training.Voice;

namespace EdgeAssist.SpokenCalls;

/// <summary>A generated call, spoken: the script with the times its words took, and the audio of both parties.</summary>
/// <param name="Script">Gaps and overlaps are those of the script that was spoken; lengths are the voices'.</param>
/// <param name="Customer">Mono at 8 kHz.</param>
/// <param name="Agent">As long as <paramref name="Customer"/>.</param>
internal sealed record SpokenCall(CallScript Script, float[] Customer, float[] Agent)
{
    private const int PacketSamples = 160; // 20 ms
    private const double LineNoiseDb = -66;
    private static readonly TimeSpan Tail = TimeSpan.FromSeconds(2);

    /// <exception cref="InvalidOperationException">The engine or sox is missing or refuses; the message says which.</exception>
    public static SpokenCall Render(CallScript script, SpeechEngine engine, ulong seed)
    {
        var random = new Seeded(seed);
        var voices = new[] { PartyRole.Customer, PartyRole.Agent }.ToDictionary(role => role, role => SyntheticVoice.Draw(engine, random, role));
        var (turns, audio) = (new List<ScriptTurn>(), new List<float[]>());
        TimeSpan? said = null;
        foreach (var turn in script.Turns)
        {
            var words = turn.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
            var samples = voices[turn.Role].Say(turn.Text, words / Math.Max(0.1, (turn.End - turn.Start).TotalMinutes), turn.LouderDb);
            // A party does not talk over itself, whatever the lengths have become.
            var own = turns.FindLast(t => t.Role == turn.Role)?.End ?? TimeSpan.Zero;
            var start = turns.Count == 0 ? turn.Start : turns[^1].End + (turn.Start - script.Turns[turns.Count - 1].End);
            if (start < own) start = own;
            if (turn.Start == script.Explicit) said = start;
            turns.Add(turn with { Start = start, End = start + TimeSpan.FromSeconds(samples.Length / (double)SyntheticVoice.Rate) });
            audio.Add(samples);
        }

        var spoken = script with { Turns = turns, Explicit = said };
        var length = (int)((spoken.End + Tail).TotalSeconds * SyntheticVoice.Rate);
        return new SpokenCall(spoken, Track(PartyRole.Customer), Track(PartyRole.Agent));

        float[] Track(PartyRole role)
        {
            var noise = (float)Math.Pow(10, LineNoiseDb / 20);
            var track = new float[length];
            for (var i = 0; i < track.Length; i++) track[i] = noise * (float)random.NextNormal();
            for (var t = 0; t < turns.Count; t++)
            {
                if (turns[t].Role != role) continue;
                var from = (int)(turns[t].Start.TotalSeconds * SyntheticVoice.Rate);
                for (var i = 0; i < audio[t].Length; i++) track[from + i] += audio[t][i];
            }

            return track;
        }
    }

    /// <summary>Both parties as RTP, G.711 µ-law in packets of 20 ms; the customer is stream 0.</summary>
    public IEnumerable<RtpPacketAt> Packets()
    {
        byte[][] streams = [Encode(Customer), Encode(Agent)];
        for (var at = 0; at * PacketSamples < streams[0].Length; at++)
        {
            for (var stream = 0; stream < streams.Length; stream++)
            {
                var payload = streams[stream].AsSpan(at * PacketSamples, Math.Min(PacketSamples, streams[stream].Length - at * PacketSamples));
                yield return new RtpPacketAt(TimeSpan.FromMilliseconds(20.0 * at), stream, RtpPackets.Packet(stream, at, payload));
            }
        }
    }

    private static byte[] Encode(float[] samples) => [.. samples.Select(x => G711.EncodeMuLaw((short)Math.Clamp(32768 * x, -32768, 32767)))];
}
