using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Srtp;

namespace EdgeAssist.MediaGateway.Relay;

/// <summary>
/// SRTP of one side: what the peer sends is verified and decrypted with its keys, what goes to it is protected with ours. Made
/// by whoever applies a description, then used by the packets' owner alone; immutable but for the contexts' own state.
/// </summary>
internal sealed class RelayProtection : IDisposable
{
    /// <summary>How long packets under the peer's key before are still taken after a change (they are under way).</summary>
    private static readonly TimeSpan s_overlap = TimeSpan.FromSeconds(2);

    private readonly SrtpLegKeys _keys;   // a copy, to tell whether the next description changes anything
    private readonly SrtpContext[] _inbound;
    private readonly SrtpContext _outbound;
    private readonly SrtpContext[] _inboundBefore;
    private readonly Instant _beforeUntil;

    private RelayProtection(SrtpLegKeys keys, RelayProtection? before, Instant now)
    {
        _keys = new SrtpLegKeys([.. keys.Inbound.Select(key => key.Copy())], keys.Outbound.Copy());
        _inbound = [.. keys.Inbound.Select(key => new SrtpContext(key))];
        _inboundBefore = before?._inbound ?? [];
        _beforeUntil = now + s_overlap;

        // An outbound key that stays keeps its context: starting it anew would use its key stream twice (RFC 3711 §9.1).
        _outbound = before is not null && before._keys.Outbound.Matches(keys.Outbound) ? before._outbound : new SrtpContext(keys.Outbound);
    }

    /// <summary>The protection for a side's keys.</summary>
    /// <param name="keys">What signalling agreed; null: plain RTP.</param>
    /// <param name="before">The one in use; comes back when the keys are the same.</param>
    /// <param name="now">The time.</param>
    public static RelayProtection? For(SrtpLegKeys? keys, RelayProtection? before, Instant now)
    {
        if (keys is null) return null;
        return before is not null && before._keys.Equals(keys) ? before : new RelayProtection(keys, before, now);
    }

    /// <summary>Verifies and decrypts an RTP packet of the side.</summary>
    /// <param name="packet">The datagram.</param>
    /// <param name="plain">Other memory, as long as the datagram.</param>
    /// <param name="now">The time.</param>
    /// <param name="length">Of the plain packet.</param>
    public SrtpResult TryUnprotect(ReadOnlySpan<byte> packet, Span<byte> plain, Instant now, out int length)
    {
        var result = TryUnprotect(_inbound, packet, plain, out length);
        if (result == SrtpResult.Ok || now >= _beforeUntil) return result;
        return TryUnprotect(_inboundBefore, packet, plain, out length) == SrtpResult.Ok ? SrtpResult.Ok : result;
    }

    /// <inheritdoc cref="TryUnprotect(ReadOnlySpan{byte}, Span{byte}, Instant, out int)"/>
    public SrtpResult TryUnprotectControl(ReadOnlySpan<byte> packet, Span<byte> plain, Instant now, out int length)
    {
        var result = TryUnprotectControl(_inbound, packet, plain, out length);
        if (result == SrtpResult.Ok || now >= _beforeUntil) return result;
        return TryUnprotectControl(_inboundBefore, packet, plain, out length) == SrtpResult.Ok ? SrtpResult.Ok : result;
    }

    /// <summary>Protects an RTP packet in its place.</summary>
    /// <param name="buffer">The packet, with room for <see cref="SrtpContext.MaxOverhead"/> behind it.</param>
    /// <param name="length">Of the plain packet, then of the protected one.</param>
    public SrtpResult TryProtect(Span<byte> buffer, ref int length)
    {
        var result = _outbound.TryProtect(buffer[..length], buffer, out var grown);
        length = grown;
        return result;
    }

    /// <inheritdoc cref="TryProtect"/>
    public SrtpResult TryProtectControl(Span<byte> buffer, ref int length)
    {
        var result = _outbound.TryProtectControl(buffer[..length], buffer, out var grown);
        length = grown;
        return result;
    }

    /// <summary>Wipes the keys. Once the packets' owner has let go of it.</summary>
    public void Dispose()
    {
        _keys.Dispose();
        foreach (var context in _inbound) context.Dispose();
        _outbound.Dispose();
    }

    private static SrtpResult TryUnprotect(SrtpContext[] contexts, ReadOnlySpan<byte> packet, Span<byte> plain, out int length)
    {
        length = 0;
        var result = SrtpResult.UnknownKey;
        foreach (var context in contexts)
        {
            result = context.TryUnprotect(packet, plain, out length);
            if (result != SrtpResult.UnknownKey) break;
        }

        return result;
    }

    private static SrtpResult TryUnprotectControl(SrtpContext[] contexts, ReadOnlySpan<byte> packet, Span<byte> plain, out int length)
    {
        length = 0;
        var result = SrtpResult.UnknownKey;
        foreach (var context in contexts)
        {
            result = context.TryUnprotectControl(packet, plain, out length);
            if (result != SrtpResult.UnknownKey) break;
        }

        return result;
    }
}
