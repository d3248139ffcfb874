using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Srtp;

/// <summary>
/// Both directions of one protected leg: reads with the peer's keys, writes reports with ours, and changes keys without
/// losing what is on its way. Never reads what is not protected: once a leg is, it stays so. One owner, no lock.
/// </summary>
internal sealed class SrtpLeg : IDisposable
{
    /// <summary>How long the keys before are still taken after new ones: a peer changes when it has read our answer, which may be sent again.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromSeconds(5);

    private SrtpLegKeys? _keys;
    private SrtpContext[] _inbound = [];
    private SrtpContext[] _before = [];
    private SrtpContext? _outbound;
    private Instant _beforeUntil = new(long.MinValue);

    /// <summary>Whether keys are there; until then nothing can be read.</summary>
    public bool HasKeys => _keys is not null;

    /// <summary>Takes the keys of a new offer and answer. The same keys again change nothing: their counters go on.</summary>
    public void Update(SrtpLegKeys keys, Instant now)
    {
        if (keys.Equals(_keys)) return;

        DropBefore();
        (_before, _beforeUntil) = (_inbound, now + Overlap);
        _inbound = [.. keys.Inbound.Select(key => new SrtpContext(key))];
        if (_keys is null || !_keys.Outbound.Matches(keys.Outbound))
        {
            _outbound?.Dispose();
            _outbound = new SrtpContext(keys.Outbound);
        }

        _keys?.Dispose();
        _keys = new SrtpLegKeys([.. keys.Inbound.Select(key => key.Copy())], keys.Outbound.Copy());
    }

    /// <summary>Reads RTP.</summary>
    /// <param name="packet">The datagram.</param>
    /// <param name="now">Ends the overlap.</param>
    /// <param name="output">As long as the datagram; not the same memory, since more than one key may be tried.</param>
    /// <param name="length">What was written.</param>
    public SrtpResult TryUnprotect(ReadOnlySpan<byte> packet, Instant now, Span<byte> output, out int length) =>
        TryAll(packet, now, output, control: false, out length);

    /// <inheritdoc cref="TryUnprotect"/>
    public SrtpResult TryUnprotectControl(ReadOnlySpan<byte> packet, Instant now, Span<byte> output, out int length) =>
        TryAll(packet, now, output, control: true, out length);

    /// <summary>Protects a report of ours.</summary>
    /// <returns>False before there are keys: nothing is sent then.</returns>
    public bool TryProtectControl(ReadOnlySpan<byte> report, Span<byte> output, out int length)
    {
        length = 0;
        return _outbound is not null && _outbound.TryProtectControl(report, output, out length) == SrtpResult.Ok;
    }

    /// <summary>Wipes all keys, at the end of the leg.</summary>
    public void Dispose()
    {
        DropBefore();
        foreach (var context in _inbound) context.Dispose();
        _outbound?.Dispose();
        _keys?.Dispose();
        (_inbound, _outbound, _keys) = ([], null, null);
    }

    private SrtpResult TryAll(ReadOnlySpan<byte> packet, Instant now, Span<byte> output, bool control, out int length)
    {
        if (_before.Length > 0 && now >= _beforeUntil) DropBefore();

        var result = Try(_inbound, packet, output, control, out length);
        if (result is SrtpResult.Ok or SrtpResult.Replayed or SrtpResult.Malformed || _before.Length == 0) return result;

        var earlier = Try(_before, packet, output, control, out length);
        return earlier is SrtpResult.Ok or SrtpResult.Replayed ? earlier : result;
    }

    /// <summary>The contexts of several keys differ in their identifiers, so at most one of them gets as far as the tag.</summary>
    private static SrtpResult Try(SrtpContext[] contexts, ReadOnlySpan<byte> packet, Span<byte> output, bool control, out int length)
    {
        length = 0;
        var result = SrtpResult.UnknownKey;
        foreach (var context in contexts)
        {
            result = control ? context.TryUnprotectControl(packet, output, out length) : context.TryUnprotect(packet, output, out length);
            if (result != SrtpResult.UnknownKey) return result;
        }

        return result;
    }

    private void DropBefore()
    {
        foreach (var context in _before) context.Dispose();
        _before = [];
    }
}
