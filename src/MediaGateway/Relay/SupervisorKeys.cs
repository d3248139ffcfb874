using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.MediaGateway.Rtp;

namespace EdgeAssist.MediaGateway.Relay;

/// <summary>Keys of a supervisor's phone (RFC 4733), each once.</summary>
internal struct SupervisorKeys
{
    private TelephoneEventDecoder _decoder;

    /// <summary>Reads a packet of the phone.</summary>
    /// <returns>Whether it is a key that was not reported yet.</returns>
    public bool TryTake(ReadOnlySpan<byte> packet, PayloadTypeMap formats, out char key)
    {
        key = default;
        if (RtpPacketView.TryParse(packet, out var view) != RtpParseError.None || formats[view.PayloadType].Kind != PayloadKind.TelephoneEvent) return false;
        if (!TelephoneEvent.TryParse(view.Payload, out var pressed) || pressed.Event > KeyPress.Highest) return false;
        if (!_decoder.IsNew(view.Timestamp, pressed, view.Marker)) return false;
        key = new KeyPress(pressed.Event, 0, default).Key;
        return true;
    }
}
