using System.Net;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Hosting;

/// <summary>Log lines of the signalling service. Nothing of a message's content stands in them.</summary>
internal static partial class SipLog
{
    [LoggerMessage(2001, LogLevel.Information, "SIP is received on {Transport} {EndPoint}.")]
    public static partial void Listening(ILogger logger, SipTransport transport, IPEndPoint endPoint);

    [LoggerMessage(2002, LogLevel.Error, "A SIP message could not be handled; it was dropped.")]
    public static partial void Failed(ILogger logger, Exception error);

    [LoggerMessage(2003, LogLevel.Information, "Shutting down: nothing new is taken, {Calls} sessions may go on for {Seconds} s.")]
    public static partial void Draining(ILogger logger, int calls, double seconds);

    [LoggerMessage(2004, LogLevel.Warning, "Shutting down took longer than {Seconds} s; the rest is left.")]
    public static partial void DrainTimedOut(ILogger logger, double seconds);

    [LoggerMessage(2005, LogLevel.Warning, "Route target {Name} leads nowhere now; {Places} places of before are kept.")]
    public static partial void NameLost(ILogger logger, string name, int places);

    [LoggerMessage(2006, LogLevel.Information, "Route target {Name} leads to {Places} places, {First} first.")]
    public static partial void NameFound(ILogger logger, string name, int places, IPEndPoint first);
}
