using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.Inference.Grpc;

internal static partial class SinkLog
{
    [LoggerMessage(4201, LogLevel.Warning, "The stream to the relay broke ({Status}): {Detail}")]
    public static partial void StreamBroken(ILogger log, StatusCode status, string detail);
}
