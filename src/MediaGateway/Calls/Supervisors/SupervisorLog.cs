using EdgeAssist.Contracts;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Calls.Supervisors;

/// <summary>Log lines of interventions. Phones are not named: their numbers are personal.</summary>
internal static partial class SupervisorLog
{
    [LoggerMessage(2301, LogLevel.Information, "Intervention {Intervention} on call {Call}: {Phase} ({Cause}).")]
    public static partial void Step(ILogger logger, string intervention, CallId call, InterventionPhase phase, string cause);

    [LoggerMessage(2302, LogLevel.Warning, "Intervention {Intervention} on call {Call} was refused: {WhyNot}.")]
    public static partial void Refused(ILogger logger, string intervention, CallId call, string whyNot);
}
