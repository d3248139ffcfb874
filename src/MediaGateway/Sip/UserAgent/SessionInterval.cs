using System.Globalization;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>A negotiated session interval (RFC 4028).</summary>
/// <param name="Interval">Session-Expires.</param>
/// <param name="PeerRefreshes">Whether refreshing is the peer's duty: preferred, because then nothing of ours can end live media.</param>
/// <param name="PeerSupports">Whether the peer supports session timers itself, rather than a proxy between.</param>
internal sealed record SessionInterval(TimeSpan Interval, bool PeerRefreshes, bool PeerSupports)
{
    /// <summary>When to end the session without a refresh: before the interval ends, by a third of it or 32 s (§10).</summary>
    public TimeSpan Grace => Interval - TimeSpan.FromSeconds(Math.Min(32, Interval.TotalSeconds / 3));

    /// <summary>Reads the request's wish (§9, table 2).</summary>
    /// <param name="request">INVITE or UPDATE.</param>
    /// <param name="min">Smallest interval we take.</param>
    /// <param name="interval">The interval, null when none is asked for.</param>
    /// <returns>0, 400 or 422.</returns>
    public static int TryRead(SipRequest request, TimeSpan min, out SessionInterval? interval)
    {
        interval = null;
        if (request.Headers.First(SipHeaderNames.SessionExpires) is not { } text) return 0;

        var semicolon = text.IndexOf(';', StringComparison.Ordinal);
        var number = SipGrammar.Trim(semicolon < 0 ? text : text.AsSpan(0, semicolon));
        if (!SipGrammar.TryParseNumber(number, uint.MaxValue, out var seconds)) return 400;
        if (!SipParameters.TryParse(semicolon < 0 ? [] : text.AsSpan(semicolon), out var parameters)) return 400;
        if (seconds < min.TotalSeconds) return 422;

        var supports = request.Headers.HasToken(SipHeaderNames.Supported, "timer") || request.Headers.HasToken(SipHeaderNames.Require, "timer");
        var peerRefreshes = supports && parameters["refresher"] is not "uas";
        interval = new SessionInterval(TimeSpan.FromSeconds(seconds), peerRefreshes, supports);
        return 0;
    }

    /// <summary>What a 2xx to a request of ours settled (§7.2): null when it names no interval, so that none holds.</summary>
    public static SessionInterval? FromAnswer(SipMessage success)
    {
        if (success.Headers.First(SipHeaderNames.SessionExpires) is not { } text || SecondsOf(text) is not { } interval) return null;
        var semicolon = text.IndexOf(';', StringComparison.Ordinal);
        var isParsed = SipParameters.TryParse(semicolon < 0 ? [] : text.AsSpan(semicolon), out var parameters);
        return new SessionInterval(interval, isParsed && parameters["refresher"] is "uas", PeerSupports: true);
    }

    /// <summary>The seconds a Session-Expires or Min-SE value begins with; null when it does not, or they are none.</summary>
    public static TimeSpan? SecondsOf(string text)
    {
        var semicolon = text.IndexOf(';', StringComparison.Ordinal);
        var number = SipGrammar.Trim(semicolon < 0 ? text : text.AsSpan(0, semicolon));
        return SipGrammar.TryParseNumber(number, int.MaxValue, out var seconds) && seconds > 0 ? TimeSpan.FromSeconds(seconds) : null;
    }

    /// <summary>Puts the interval into a 2xx (§9).</summary>
    public SipHeaders AddTo(SipHeaders headers)
    {
        var refresher = PeerRefreshes ? "uac" : "uas";
        headers = headers.Add(SipHeaderNames.SessionExpires,
            string.Create(CultureInfo.InvariantCulture, $"{(long)Interval.TotalSeconds};refresher={refresher}"));
        return PeerRefreshes ? headers.Add(SipHeaderNames.Require, "timer") : headers;
    }
}
