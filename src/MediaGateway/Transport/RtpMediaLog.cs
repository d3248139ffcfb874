using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>Media log entries, events 3000 to 3099. Never one per packet.</summary>
internal static partial class RtpMediaLog
{
    [LoggerMessage(3001, LogLevel.Debug, "Leg {Leg}: receiving on port {Port}.")]
    public static partial void LegOpened(this ILogger logger, int leg, int port);

    [LoggerMessage(3002, LogLevel.Information,
        "Leg {Leg}: port {Port} closed. {Packets} packets, {Lost} lost, {Late} late, {Duplicate} duplicate, {Malformed} malformed, {WrongSource} from a wrong source, {UnknownPayloadType} of an unknown payload type.")]
    public static partial void LegClosed(this ILogger logger, int leg, int port, long packets, long lost, long late, long duplicate, long malformed, long wrongSource, long unknownPayloadType);

    [LoggerMessage(3003, LogLevel.Warning, "No port pair is free between {PortMin} and {PortMax}. Widen the range of Rtp:PortMin and Rtp:PortMax, or shorten Rtp:PortCoolDown.")]
    public static partial void PortsExhausted(this ILogger logger, int portMin, int portMax);

    [LoggerMessage(3004, LogLevel.Error, "Leg {Leg}: receiving on port {Port} failed for good.")]
    public static partial void ReceiveFailed(this ILogger logger, Exception exception, int leg, int port);

    [LoggerMessage(3005, LogLevel.Warning, "Leg {Leg}: datagrams from a source that was not negotiated come to port {Port}; they are dropped and counted.")]
    public static partial void WrongSource(this ILogger logger, int leg, int port);

    [LoggerMessage(3006, LogLevel.Warning, "Leg {Leg}: no media on port {Port} for {Seconds} s, though the stream is active. Check that the recording client sends to this address and that no firewall is between.")]
    public static partial void NoMedia(this ILogger logger, int leg, int port, double seconds);

    [LoggerMessage(3007, LogLevel.Warning, "Leg {Leg}: packets that are not protected with the agreed key, or came before, reach port {Port}; they are dropped and counted. When the call is silent, the two sides hold different keys.")]
    public static partial void Unauthentic(this ILogger logger, int leg, int port);

    [LoggerMessage(3008, LogLevel.Information, "Opus is not offered: libopus is not installed. Install the package {Package} to receive it.")]
    public static partial void OpusMissing(this ILogger logger, string package);

    [LoggerMessage(3009, LogLevel.Warning, "Leg {Leg}: the DTLS handshake on port {Port} failed: {Reason} Its media cannot be read.")]
    public static partial void HandshakeFailed(this ILogger logger, int leg, int port, string reason);
}
