using System.Runtime.InteropServices;
using EdgeAssist.Contracts;
using EdgeAssist.Internal.V1;
using EdgeAssist.Proto.Mapping;

namespace EdgeAssist.Inference.Grpc;

/// <summary>One call's messages turned into pipes and samples. Refuses what a sound gateway never sends, and says why.</summary>
internal sealed class AudioStream
{
    private const int MostLegs = 16;

    private readonly CallInfo _call;
    private readonly ICallAudio _audio;
    private readonly Dictionary<int, Leg> _legs = [];

    public AudioStream(CallInfo call, ICallAudioSink sink)
    {
        _call = call;
        _audio = sink.Open(call);
    }

    /// <returns>What is wrong with the message; null when it was taken.</returns>
    public string? Take(AudioMessage message) => message.MessageCase switch
    {
        AudioMessage.MessageOneofCase.Frame => Write(message.Frame),
        AudioMessage.MessageOneofCase.AddLeg => Add(message.AddLeg.Leg?.ToContract()),
        AudioMessage.MessageOneofCase.EndLeg => End(message.EndLeg.Leg),
        AudioMessage.MessageOneofCase.Update => Update(message.Update.ToContract(new ClockAnchor(_call.Origin, _call.StartedAt))),
        AudioMessage.MessageOneofCase.Open => "The call is open already.",
        _ => "The message says nothing this build knows.",
    };

    public async Task CloseAsync(CallEndReason reason)
    {
        foreach (var leg in _legs.Values) leg.Pipe.Complete();
        await _audio.CloseAsync(reason, CancellationToken.None).ConfigureAwait(false);
    }

    private string? Add(LegInfo? leg)
    {
        if (leg is null) return "AddLeg names no leg.";
        if (_legs.ContainsKey(leg.Id.Value)) return $"Leg {leg.Id} was added before.";
        if (_legs.Count == MostLegs) return $"A call has at most {MostLegs} legs.";

        var pipe = new AudioPipe();
        _legs.Add(leg.Id.Value, new Leg(pipe));
        _audio.AddLeg(leg, pipe);
        return null;
    }

    private string? End(int id)
    {
        if (!_legs.TryGetValue(id, out var leg)) return $"Leg {id} was not added.";
        leg.Pipe.Complete();
        return null;
    }

    private string? Update(CallInfo call)
    {
        if (call.Id != _call.Id) return "The update is about another call.";
        _audio.Update(call with { Origin = _call.Origin });
        return null;
    }

    private string? Write(AudioFrame frame)
    {
        if (!_legs.TryGetValue(frame.Leg, out var leg)) return $"Leg {frame.Leg} was not added.";

        var octets = frame.Pcm.Span;
        if (octets.IsEmpty || octets.Length % 2 != 0 || octets.Length / 2 > AudioPipe.MaxFrameSamples)
            return $"A frame holds 1 to {AudioPipe.MaxFrameSamples} samples of 16 bits, not {octets.Length} octets.";
        if (frame.Position < leg.End) return $"Position {frame.Position} on leg {frame.Leg} lies before {leg.End}, which was sent.";

        var samples = MemoryMarshal.Cast<byte, short>(octets);   // the wire and the machines we run on are little-endian
        var head = new PcmFrame(frame.Position, samples.Length, (PcmFrameKind)(frame.Kind & 7),
            _call.Origin + TimeSpan.FromMicroseconds(frame.ArrivedUs), _call.Origin + TimeSpan.FromMicroseconds(frame.ForkedUs));
        leg.Pipe.Write(head, samples);
        leg.End = head.End;
        return null;
    }

    private sealed class Leg(AudioPipe pipe)
    {
        public AudioPipe Pipe => pipe;

        public long End { get; set; }
    }
}
