using EdgeAssist.Contracts;
using EdgeAssist.Host.Replay;
using EdgeAssist.Inference.Onnx;
using EdgeAssist.Inference.Streaming;
using EdgeAssist.Inference.Vad;
using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.Testing;
using EdgeAssist.Testing.Audio;

namespace EdgeAssist.InferenceBench;

/// <summary>
/// A recording on its way through the product in virtual time: a quiet line around it, G.711 µ-law in packets of 20 ms, a
/// network, the RTP receiver with its jitter buffer and concealment, voice activity and the cutting into utterances.
/// </summary>
internal static class TelephonePath
{
    private const int Rate = 8000;
    private const double QuietBefore = 0.7;
    private const double QuietBehind = 1.2;
    private const int QuietLine = 33;   // -60 dB of full scale at most

    /// <summary>The utterances that come out, each as it would be recognised.</summary>
    public static List<float[]> Utterances(Clip clip, NetworkProfile network, int seed, SileroVad voice)
    {
        var found = new Collector();
        var pipe = new AudioPipe();
        using var leg = new SpeechLeg(new LegInfo { Id = new LegId(0) }, pipe, voice.Begin(), new AnalysisSettings());
        foreach (var stretch in RtpPackets.Receive(Arriving(Line(clip, seed), network, seed), streams: 1, new Instant(0)))
        {
            pipe.Write(stretch.Head, stretch.Samples);
            while (leg.TryAdvance(stretch.Head.ForkedAt, found))
            {
            }
        }

        leg.Finish(found);
        return found.Audio;
    }

    private static IEnumerable<RtpPacketAt> Arriving(short[] line, NetworkProfile profile, int seed)
    {
        var network = new NetworkEmulator(profile, seed);
        var packets = line.Length / RtpPackets.PacketSamples;
        for (var i = 0; i < packets || !network.NextArrival.IsNever; i++)
        {
            var now = new Instant(0) + TimeSpan.FromMilliseconds(20.0 * i);
            if (i < packets)
            {
                var payload = line.AsSpan(i * RtpPackets.PacketSamples, RtpPackets.PacketSamples).ToArray().Select(G711.EncodeMuLaw).ToArray();
                network.Send(RtpPackets.Packet(0, i, payload), now);
            }

            while (network.TryReceive(now, out var datagram, out var at)) yield return new RtpPacketAt(at - new Instant(0), 0, datagram);
        }
    }

    private static short[] Line(Clip clip, int seed)
    {
        var dice = new Random(seed);
        var words = clip.SampleRate == Rate ? clip.Samples : HalfBand.Halve(clip.Samples);
        return [.. Quiet(QuietBefore), .. words, .. Quiet(QuietBehind)];

        IEnumerable<short> Quiet(double seconds) => Enumerable.Range(0, (int)(seconds * Rate)).Select(_ => (short)dice.Next(-QuietLine, QuietLine + 1));
    }

    private sealed class Collector : ISpeechLegListener
    {
        public List<float[]> Audio { get; } = [];

        public void OnFrame(SpeechLeg leg, in AssembledFrame frame, ReadOnlySpan<float> samples, float probability)
        {
        }

        public void OnUtterance(SpeechLeg leg, in SegmenterEvent happened)
        {
            if (happened.Kind == SegmenterEventKind.Ended) Audio.Add(leg.Buffer.Copy(happened.AudioFrom, happened.AudioTo));
        }

        public void OnGap(SpeechLeg leg, long from, long to, string cause)
        {
        }
    }
}
