using Microsoft.Extensions.Logging;

namespace EdgeAssist.Inference.Hosting;

internal static partial class HostingLog
{
    [LoggerMessage(4100, LogLevel.Information, "Models {Speech}, {Voice} and {Text} are loaded, after {Elapsed}")]
    public static partial void ModelsLoaded(ILogger log, string speech, string voice, string text, TimeSpan elapsed);

    [LoggerMessage(4101, LogLevel.Error, "Calls cannot be understood in full: {Problem}")]
    public static partial void ModelsMissing(ILogger log, string problem);
}
