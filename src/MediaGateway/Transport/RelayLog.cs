using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Transport;

internal static partial class RelayLog
{
    [LoggerMessage(3101, LogLevel.Warning, "No pair of ports from {First} to {Last} is free for a relayed call.")]
    public static partial void RelayPortsExhausted(this ILogger logger, int first, int last);

    [LoggerMessage(3102, LogLevel.Error, "Relaying at one port failed; the other calls go on.")]
    public static partial void RelayFailed(this ILogger logger, Exception fault);

    [LoggerMessage(3103, LogLevel.Error, "Decoding of one relayed side failed; it is not analysed any more, the call goes on.")]
    public static partial void ForkFailed(this ILogger logger, Exception fault);

    [LoggerMessage(3104, LogLevel.Information, "Relayed side {Side} on port {Port} closed: {Received} packets in, {Sent} out, {Lost} lost before us, {KernelDropped} dropped by the kernel, {ForkDropped} not analysed.")]
    public static partial void RelayClosed(this ILogger logger, Calls.RelaySide side, int port, long received, long sent, long lost, long kernelDropped, long forkDropped);

    [LoggerMessage(3105, LogLevel.Warning, "Relayed side {Side} on port {Port} had visitors: {Strangers} datagrams from somewhere else, {Unauthenticated} with no valid protection. None was used.")]
    public static partial void RelayAttacked(this ILogger logger, Calls.RelaySide side, int port, long strangers, long unauthenticated);
}
