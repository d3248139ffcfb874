using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using EdgeAssist.Testing.Sip;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Sip;

/// <summary>The user agent core in virtual time, without sockets.</summary>
public sealed class UserAgentCoreTests
{
    private static readonly SiprecText s_invite = SiprecText.Invite();
    private readonly NoteTakingHandler _handler = new();
    private readonly UserAgentCore _core;
    private readonly SipFlow _flow = new(SipTransport.Udp, new IPEndPoint(IPAddress.Loopback, 5060), new IPEndPoint(IPAddress.Loopback, 5070));
    private int _tokens;
    private Instant _now = new(0);

    public UserAgentCoreTests() => _core = Core(new UserAgentSettings());

    [Fact] // RFC 3261 §8.2.6, RFC 7866 §6.1.2
    public void An_INVITE_gets_100_and_200_with_what_a_recording_server_says()
    {
        var answers = Send(s_invite with { Headers = ["Record-Route: <sip:p1;lr>", "Record-Route: <sip:p2;lr>"] });

        Assert.Equal([100, 200], answers.Select(answer => ((SipResponse)answer).Status));
        var ok = (SipResponse)answers[1];
        Assert.NotNull(ok.To.Tag);
        Assert.Null(((SipResponse)answers[0]).To.Tag);
        Assert.Equal("<sip:127.0.0.1:5060>;+sip.srs", ok.Headers.First("Contact"));
        Assert.Equal(["<sip:p1;lr>", "<sip:p2;lr>"], ok.Headers.Values("Record-Route"));
        Assert.Contains("UPDATE", ok.Headers.Values("Allow"));
    }

    [Fact] // RFC 3261 §13.3.1.4
    public void A_200_is_repeated_until_its_ACK()
    {
        var tag = Accept();

        Assert.Equal([0.5, 1.5, 3.5, 7.5], RunUntil(8).Select(sent => sent.At));
        Send(Inside("ACK", tag, 1));
        Assert.Empty(RunUntil(40));
        Assert.Equal("ACK", Assert.Single(_handler.Acks).Method.Name);
    }

    [Fact] // RFC 3261 §13.3.1.4
    public void A_200_that_is_never_acknowledged_ends_with_BYE_after_64_T1()
    {
        Accept();

        var sent = RunUntil(32.1);

        var bye = Assert.IsType<SipRequest>(sent[^1].Message);
        Assert.Equal(("BYE", 32.0), (bye.Method.Name, sent[^1].At));
        Assert.Equal([SessionEnd.NoAck], _handler.Ends);
        Assert.Equal(0, _core.SessionCount);
    }

    [Fact] // RFC 3261 §15.1.2
    public void A_BYE_is_answered_and_ends_the_session_and_a_second_one_gets_481()
    {
        var tag = Established();

        Assert.Equal(200, Final(Send(Inside("BYE", tag, 2, "z9hG4bKb1"))).Status);
        Assert.Equal(481, Final(Send(Inside("BYE", tag, 3, "z9hG4bKb2"))).Status);
        Assert.Equal([SessionEnd.Bye], _handler.Ends);
    }

    [Fact] // RFC 3261 §9.2
    public void A_CANCEL_before_the_answer_ends_the_INVITE_with_487()
    {
        _handler.InviteDecision = SessionDecision.Later;
        Send(s_invite);

        var answers = Send(s_invite with { Method = "CANCEL", Body = "", ContentType = "" }).Cast<SipResponse>().ToList();

        Assert.Equal([(200, "CANCEL"), (487, "INVITE")], answers.Select(answer => (answer.Status, answer.CSeq.Method.Name)));
        Assert.Equal(answers[0].To.Tag, answers[1].To.Tag);
        Assert.Equal([SessionEnd.Cancelled], _handler.Ends);
        _core.Decide(_handler.Sessions[0], SessionDecision.Accept("v=0\r\n"u8.ToArray()), _now);
        Assert.DoesNotContain(Drain(), message => message is SipResponse { Status: 200 });
    }

    [Fact] // RFC 3261 §9.2
    public void A_CANCEL_that_comes_after_the_200_is_answered_and_changes_nothing()
    {
        Accept();

        var answers = Send(s_invite with { Method = "CANCEL", Body = "", ContentType = "" }).Cast<SipResponse>();

        Assert.Equal([(200, "CANCEL")], answers.Select(answer => (answer.Status, answer.CSeq.Method.Name)));
        Assert.Empty(_handler.Ends);
    }

    [Fact] // RFC 3261 §9.2
    public void A_CANCEL_of_nothing_gets_481() =>
        Assert.Equal(481, Final(Send(s_invite with { Method = "CANCEL", Body = "", ContentType = "" })).Status);

    [Fact]
    public void An_INVITE_decided_later_is_answered_then()
    {
        _handler.InviteDecision = SessionDecision.Later;
        Assert.Equal([100], Send(s_invite).Select(message => ((SipResponse)message).Status));

        _core.Decide(_handler.Sessions[0], SessionDecision.Accept("v=0\r\n"u8.ToArray()), _now);

        Assert.Equal(200, Final(Drain()).Status);
    }

    [Fact] // RFC 3261 §17.2.1
    public void A_repeated_INVITE_is_not_a_second_call()
    {
        Accept();

        Send(s_invite);

        Assert.Single(_handler.Sessions);
    }

    [Fact] // RFC 3261 §8.2.2.2
    public void The_same_INVITE_by_another_way_is_merged_with_482()
    {
        Accept();

        Assert.Equal(482, Final(Send(s_invite with { Branch = "z9hG4bKother" })).Status);
        Assert.Single(_handler.Sessions);
    }

    [Theory] // RFC 3261 §14.2, RFC 3311 §5.2
    [InlineData("INVITE")]
    [InlineData("UPDATE")]
    public void A_session_is_changed_by_either_method(string method)
    {
        var tag = Established();

        var answer = Final(Send(Inside(method, tag, 2, "z9hG4bKre") with { ContentType = "application/sdp", Body = SiprecText.Offer("inactive") }));

        Assert.Equal(200, answer.Status);
        Assert.Equal("v=0\r\n"u8.ToArray(), answer.Body.ToArray());
        Assert.Single(_handler.Modifications);
        Assert.Empty(_handler.Ends);
    }

    [Fact] // RFC 3261 §14.2
    public void A_second_INVITE_before_the_ACK_of_the_first_waits()
    {
        var tag = Accept();

        var answer = Final(Send(Inside("INVITE", tag, 2, "z9hG4bKre")));

        Assert.Equal((500, "1"), (answer.Status, answer.Headers.First("Retry-After")));
    }

    [Fact] // RFC 3261 §12.2.2
    public void An_overtaken_request_with_a_lower_CSeq_gets_500()
    {
        var tag = Established();
        Send(Inside("INFO", tag, 9, "z9hG4bKi"));

        Assert.Equal(500, Final(Send(Inside("UPDATE", tag, 5, "z9hG4bKu"))).Status);
    }

    [Fact]
    public void INFO_inside_a_session_is_answered() => Assert.Equal(200, Final(Send(Inside("INFO", Established(), 2, "z9hG4bKi"))).Status);

    [Theory] // RFC 3261 §8.2.1, §8.2.2.1, §12.2.2
    [InlineData("BYE", "sip:x@h", 481)]
    [InlineData("UPDATE", "sip:x@h", 481)]
    [InlineData("REGISTER", "sip:h", 405)]
    [InlineData("SUBSCRIBE", "sip:x@h", 405)]
    [InlineData("FLY", "sip:x@h", 501)]
    [InlineData("OPTIONS", "soap.beep://192.0.2.103:3002", 416)] // RFC 4475 §3.3.3
    [InlineData("OPTIONS", "sip:x@h", 200)]
    public void Requests_outside_a_dialog_get_the_status_the_RFC_gives_them(string method, string uri, int status)
    {
        var answer = Final(Send(s_invite with { Method = method, RequestUri = uri, Body = "", ContentType = "", Headers = [] }));

        Assert.Equal(status, answer.Status);
        if (status is 405 or 501) Assert.Contains("INVITE", answer.Headers.Values("Allow"));
    }

    [Fact] // RFC 3261 §8.2.2.3, RFC 4475 §3.3.5
    public void An_unknown_extension_gets_420_naming_it()
    {
        var answer = Final(Send(s_invite with { Headers = ["Require: siprec, nothingSupportsThis", "Require: nothingSupportsThisEither"] }));

        Assert.Equal(420, answer.Status);
        Assert.Equal(["nothingSupportsThis", "nothingSupportsThisEither"], answer.Headers.Values("Unsupported"));
    }

    [Theory] // RFC 3261 §8.2.3, §13.3.1, RFC 4475 §3.3.15
    [InlineData("Content-Encoding: gzip", 415)]
    [InlineData("Accept: text/nobodyKnowsThis", 406)]
    public void What_cannot_be_read_or_answered_is_refused(string header, int status) =>
        Assert.Equal(status, Final(Send(s_invite with { Headers = [header] })).Status);

    [Fact]
    public void Above_the_ceiling_INVITE_and_OPTIONS_say_the_same()
    {
        var core = Core(new UserAgentSettings { MaxSessions = 1, RetryAfter = TimeSpan.FromSeconds(7) });
        Send(core, s_invite);

        var invite = Final(Send(core, s_invite with { CallId = "2", Branch = "z9hG4bK2" }));
        var options = Final(Send(core, s_invite with { Method = "OPTIONS", CallId = "3", Branch = "z9hG4bK3", Body = "", ContentType = "" }));

        Assert.Equal([(503, "7"), (503, "7")], new[] { invite, options }.Select(answer => (answer.Status, answer.Headers.First("Retry-After"))));
        Assert.Single(_handler.Sessions);
    }

    [Fact]
    public void Draining_refuses_new_sessions_and_says_BYE_to_the_live_ones()
    {
        Established();

        _core.Drain(_now);

        Assert.Equal("BYE", Assert.IsType<SipRequest>(Assert.Single(Drain())).Method.Name);
        Assert.Equal([SessionEnd.Local], _handler.Ends);
        Assert.Equal(503, Final(Send(s_invite with { CallId = "new", Branch = "z9hG4bKnew" })).Status);
        Assert.Equal(1, _core.PendingRequestCount);
    }

    [Fact] // RFC 4028 §9, §10
    public void A_session_whose_client_stops_refreshing_ends_before_its_interval()
    {
        var tag = Accept(s_invite with { Headers = ["Supported: timer", "Session-Expires: 90"] }, out var ok);
        Assert.Equal(("90;refresher=uac", true), (ok.Headers.First("Session-Expires"), ok.Headers.HasToken("Require", "timer")));
        Send(Inside("ACK", tag, 1));

        Assert.Equal(60, Assert.Single(RunUntil(60.1)).At);   // 90 − min(32, 90/3)
        Assert.Equal([SessionEnd.Expired], _handler.Ends);
    }

    [Fact] // RFC 4028 §10
    public void A_refresh_starts_the_interval_anew()
    {
        var tag = Accept(s_invite with { Headers = ["Supported: timer", "Session-Expires: 90"] }, out _);
        Send(Inside("ACK", tag, 1));
        RunUntil(50);

        Send(Inside("UPDATE", tag, 2, "z9hG4bKu") with { Headers = ["Supported: timer", "Session-Expires: 90;refresher=uac"] });

        RunUntil(109);
        Assert.Empty(_handler.Ends);
        RunUntil(111);
        Assert.Equal([SessionEnd.Expired], _handler.Ends);
    }

    [Fact] // RFC 4028 §7.4
    public void A_session_we_have_to_refresh_is_refreshed_and_never_ended_by_its_timer()
    {
        var tag = Accept(s_invite with { Headers = ["Supported: timer", "Session-Expires: 100;refresher=uas"] }, out var ok);
        Assert.Equal("100;refresher=uas", ok.Headers.First("Session-Expires"));
        Send(Inside("ACK", tag, 1));

        var updates = RunUntil(320).Select(sent => (SipRequest)sent.Message).DistinctBy(request => request.Via.Branch).ToList();

        Assert.All(updates, update => Assert.Equal("UPDATE", update.Method.Name));
        Assert.Equal(6, updates.Count);
        Assert.Empty(_handler.Ends);
    }

    [Fact] // RFC 4028 §9
    public void A_session_interval_below_the_minimum_gets_422()
    {
        var answer = Final(Send(s_invite with { Headers = ["Session-Expires: 89"] }));

        Assert.Equal((422, "90"), (answer.Status, answer.Headers.First("Min-SE")));
    }

    [Fact] // RFC 3581 §4
    public void Rport_is_filled_in_and_answered_to()
    {
        var output = SendRaw(_core, s_invite with { SentBy = "10.9.9.9:7777" });

        Assert.Equal(_flow.Remote, output[0].Flow.Remote);
        var via = SipTestMessages.Parse(output[0].Bytes.Span).Via;
        Assert.Equal(("127.0.0.1", "5070"), (via.Parameters["received"], via.Parameters["rport"]));
    }

    [Fact] // RFC 3261 §18.2.2
    public void Without_rport_the_answer_goes_to_the_source_address_and_the_port_of_sent_by()
    {
        var text = s_invite.ToString().Replace(";rport", "", StringComparison.Ordinal).Replace("UDP 127.0.0.1:5070", "UDP 10.9.9.9:7777", StringComparison.Ordinal);
        _core.OnMessage(SipTestMessages.Parse(text), _flow, _now);

        Assert.True(_core.TryTake(out var output));
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 7777), output.Flow.Remote);
    }

    [Fact] // RFC 3261 §12.2.1.1
    public void Our_requests_follow_the_route_set_to_the_remote_target()
    {
        Established(s_invite with { Headers = ["Record-Route: <sip:192.0.2.7:5080;lr>"] });

        _core.Drain(_now);

        Assert.True(_core.TryTake(out var output));
        var bye = Assert.IsType<SipRequest>(SipTestMessages.Parse(output.Bytes.Span));
        Assert.Equal("192.0.2.7:5080", output.Flow.Remote.ToString());
        Assert.Equal(("sip:src@127.0.0.1:5070", "<sip:192.0.2.7:5080;lr>"), (bye.RequestUri, bye.Headers.First("Route")));
        Assert.Equal(("src", "sip:src@example.net"), (bye.To.Tag, bye.To.Address));
    }

    [Fact] // RFC 3261 §16.11 does not concern us: no state is kept for what was no request
    public void A_malformed_request_is_answered_without_state_and_a_malformed_ACK_not_at_all()
    {
        foreach (var (method, expected) in new[] { ("INVITE", 1), ("ACK", 0) })
        {
            var failure = SipTestMessages.Refuse($"{method} sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nCSeq: 1 {method}\r\n\r\n");
            _core.OnMalformed(failure, _flow);
            Assert.Equal(expected, DrainRaw(_core).Count);
        }

        Assert.Equal(0, _core.TransactionCount);
    }

    [Fact]
    public void Transactions_are_forgotten_when_their_timers_have_run()
    {
        var tag = Established();
        Send(Inside("BYE", tag, 2, "z9hG4bKb"));

        RunUntil(40);

        Assert.Equal((0, 0), (_core.TransactionCount, _core.SessionCount));
    }

    [Fact]
    public void Above_the_ceiling_of_transactions_requests_are_refused_without_state()
    {
        var core = Core(new UserAgentSettings { MaxTransactions = 3 });
        for (var i = 0; i < 10; i++) Send(core, s_invite with { Method = "OPTIONS", CallId = $"c{i}", Branch = $"z9hG4bK{i}", Body = "", ContentType = "" });

        Assert.Equal(3, core.TransactionCount);
    }

    private UserAgentCore Core(UserAgentSettings settings) =>
        new(_handler, settings, () => "t" + (++_tokens).ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static SiprecText Inside(string method, string tag, int cseq, string branch = "z9hG4bKin") =>
        s_invite with { Method = method, ToTag = tag, CSeq = cseq, Branch = branch, Headers = [], Body = "", ContentType = "" };

    private string Accept() => Accept(s_invite, out _);

    private string Accept(SiprecText invite, out SipResponse ok)
    {
        ok = Final(Send(invite));
        Assert.Equal(200, ok.Status);
        return ok.To.Tag!;
    }

    private string Established(SiprecText? invite = null)
    {
        var tag = Accept(invite ?? s_invite, out _);
        Send(Inside("ACK", tag, 1));
        return tag;
    }

    private List<SipMessage> Send(SiprecText text) => Send(_core, text);

    private List<SipMessage> Send(UserAgentCore core, SiprecText text) => [.. SendRaw(core, text).Select(output => SipTestMessages.Parse(output.Bytes.Span))];

    private List<SipOutput> SendRaw(UserAgentCore core, SiprecText text)
    {
        core.OnMessage(SipTestMessages.Request(text), _flow, _now);
        return DrainRaw(core);
    }

    private List<SipMessage> Drain() => [.. DrainRaw(_core).Select(output => SipTestMessages.Parse(output.Bytes.Span))];

    private static List<SipOutput> DrainRaw(UserAgentCore core)
    {
        var outputs = new List<SipOutput>();
        while (core.TryTake(out var output)) outputs.Add(output);
        return outputs;
    }

    private static SipResponse Final(IEnumerable<SipMessage> messages) => messages.OfType<SipResponse>().First(response => response.IsFinal);

    /// <summary>Lets time run from deadline to deadline; everything sent, with when in seconds.</summary>
    private List<(double At, SipMessage Message)> RunUntil(double seconds)
    {
        var sent = new List<(double, SipMessage)>();
        var end = new Instant((long)(seconds * TimeSpan.TicksPerSecond));
        while (_core.Deadline <= end)
        {
            _now = Instant.Max(_now, _core.Deadline);
            _core.OnTime(_now);
            sent.AddRange(Drain().Select(message => (_now.Ticks / (double)TimeSpan.TicksPerSecond, message)));
        }

        _now = end;
        return sent;
    }
}
