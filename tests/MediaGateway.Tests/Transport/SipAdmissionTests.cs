using System.Globalization;
using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Hosting;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Tests.Calls;
using EdgeAssist.MediaGateway.Transport;
using EdgeAssist.Testing.Sip;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Transport;

/// <summary>Who is let in before anything is parsed (RELIABILITY S4), and what a trunk that is full hears (FEATURES A13).</summary>
public sealed class SipAdmissionTests
{
    private static readonly IPAddress s_sbc = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress s_stranger = IPAddress.Parse("198.51.100.1");
    private static readonly SipAdmissionSettings s_settings = new() { Trunks = [new Trunk { Peers = [IPNetwork.Parse("192.0.2.0/24")] }] };
    private static readonly Instant s_now = new(0);

    [Fact]
    public void A_stranger_gets_nothing_however_little_it_sends()
    {
        var admission = new SipAdmission(s_settings);

        Assert.Equal(SipAdmissionVerdict.Drop, admission.Judge(s_stranger, Call(), s_now));
        Assert.False(admission.TryConnect(s_stranger, isTls: true));
        Assert.Equal(SipAdmissionVerdict.Take, admission.Judge(s_sbc, Call(), s_now));
    }

    [Fact]
    public void A_stranger_that_is_to_be_refused_is_so_twenty_times_a_second()
    {
        var admission = new SipAdmission(s_settings with { AnswerUnknown = true });

        Assert.Equal(40, Enumerable.Range(0, 1000).Count(_ => admission.Judge(s_stranger, Call(), s_now) == SipAdmissionVerdict.Take));
    }

    [Fact]
    public void A_flood_of_calls_is_refused_for_a_while_then_dropped_and_leaves_room_for_the_calls_that_stand()
    {
        var admission = new SipAdmission(s_settings with { CallsPerSecond = 10 });
        var inside = (SiprecText.Invite() with { Method = "BYE", ToTag = "t", Body = "", ContentType = "" }).ToBytes();

        var verdicts = Enumerable.Range(0, 1000).Select(_ => admission.Judge(s_sbc, Call(), s_now)).ToList();

        Assert.Equal((20, 100, 880), (verdicts.Count(Is(SipAdmissionVerdict.Take)), verdicts.Count(Is(SipAdmissionVerdict.RefuseCall)), verdicts.Count(Is(SipAdmissionVerdict.Drop))));
        Assert.Equal(SipAdmissionVerdict.Take, admission.Judge(s_sbc, inside, s_now));
    }

    [Fact]
    public void Over_a_stream_what_is_above_the_limit_waits()
    {
        var admission = new SipAdmission(s_settings with { MessagesPerSecond = 10, CallsPerSecond = 100 });

        var taken = Enumerable.Range(0, 100).TakeWhile(_ => admission.JudgeStream(s_sbc, Call(), s_now).Wait == TimeSpan.Zero).Count();

        Assert.Equal(20, taken);
        var (_, wait) = admission.JudgeStream(s_sbc, Call(), s_now);
        Assert.Equal(TimeSpan.Zero, admission.JudgeStream(s_sbc, Call(), s_now + wait).Wait);
    }

    [Fact]
    public void A_trunk_known_by_certificate_is_met_over_TLS_only()
    {
        var admission = new SipAdmission(new SipAdmissionSettings { Trunks = [new Trunk { Certificates = ["sbc.example"] }] });

        Assert.Equal(SipAdmissionVerdict.Drop, admission.Judge(s_sbc, Call(), s_now));
        Assert.False(admission.TryConnect(s_sbc, isTls: false));
        Assert.True(admission.TryConnect(s_sbc, isTls: true));
    }

    [Fact]
    public void Connections_of_a_source_are_counted_in_and_out()
    {
        var admission = new SipAdmission(s_settings with { ConnectionsPerSource = 1 });

        Assert.True(admission.TryConnect(s_sbc, isTls: false));
        Assert.False(admission.TryConnect(s_sbc, isTls: false));
        admission.Disconnect(s_sbc);
        Assert.True(admission.TryConnect(s_sbc, isTls: false));
    }

    [Fact] // RELIABILITY S4: nothing on the wire for a source that is on no trunk
    public async Task An_unknown_source_is_not_answered_and_a_known_one_is()
    {
        await using var gateway = await GatewayHarness.StartAsync(OnlyLoopbackTwo);
        using var stranger = SipPeer.Udp(gateway.Udp);
        using var known = SipPeer.Udp(gateway.Udp, IPAddress.Parse("127.0.0.2"));

        await stranger.SendAsync((SiprecText.Invite() with { SentBy = stranger.SentBy }).ToBytes());
        await known.SendAsync(Options(known).ToBytes());

        Assert.Equal(200, (await known.ReceiveFinalAsync("OPTIONS")).Status);
        Assert.Equal(0, stranger.Waiting);   // the loop took the stranger's message first
        Assert.Empty(gateway.Sink.Calls);
    }

    [Fact]
    public async Task An_unknown_source_is_refused_when_so_configured()
    {
        await using var gateway = await GatewayHarness.StartAsync(options =>
        {
            OnlyLoopbackTwo(options);
            options.UnknownPeers = "Refuse";
        });
        using var stranger = SipPeer.Udp(gateway.Udp);

        await stranger.SendAsync((SiprecText.Invite() with { SentBy = stranger.SentBy }).ToBytes());
        Assert.Equal(403, (await stranger.ReceiveFinalAsync("INVITE")).Status);
        await stranger.SendAsync(Options(stranger).ToBytes());
        Assert.Equal(403, (await stranger.ReceiveFinalAsync("OPTIONS")).Status);
    }

    [Fact] // FEATURES A13: call admission by trunk, and OPTIONS that tell the truth
    public async Task A_full_trunk_gets_503_with_Retry_After_and_another_trunk_its_call()
    {
        await using var gateway = await GatewayHarness.StartAsync(options =>
        {
            options.Trunks.Add(TrunkOf("small", "127.0.0.1", maxCalls: 1));
            options.Trunks.Add(TrunkOf("large", "127.0.0.2", maxCalls: 0));
        });
        using var small = SipPeer.Udp(gateway.Udp);
        using var large = SipPeer.Udp(gateway.Udp, IPAddress.Parse("127.0.0.2"));
        var first = Invite(small, "call-1");
        await small.SendAsync(first.ToBytes());
        var answer = await small.ReceiveFinalAsync("INVITE");
        await small.SendAsync((first with { Method = "ACK", ToTag = answer.To.Tag, Branch = "z9hG4bKack", Body = "", ContentType = "" }).ToBytes());

        await small.SendAsync(Invite(small, "call-2").ToBytes());
        var refused = await small.ReceiveFinalAsync("INVITE", "call-2");
        await small.SendAsync(Options(small).ToBytes());
        var options = await small.ReceiveFinalAsync("OPTIONS");
        await large.SendAsync(Invite(large, "call-3").ToBytes());

        Assert.Equal((503, "10"), (refused.Status, refused.Headers.First(SipHeaderNames.RetryAfter)));
        Assert.Equal((503, "10"), (options.Status, options.Headers.First(SipHeaderNames.RetryAfter)));
        Assert.Equal(200, (await large.ReceiveFinalAsync("INVITE")).Status);

        await small.SendAsync((first with { Method = "BYE", ToTag = answer.To.Tag, CSeq = 2, Branch = "z9hG4bKbye", Body = "", ContentType = "" }).ToBytes());
        Assert.Equal(200, (await small.ReceiveFinalAsync("BYE")).Status);
        await small.SendAsync((Options(small) with { Branch = "z9hG4bKo2", CSeq = 2 }).ToBytes());
        Assert.Equal(200, (await small.ReceiveFinalAsync("OPTIONS")).Status);
    }

    [Fact]
    public async Task Calls_faster_than_allowed_get_503_with_Retry_After()
    {
        await using var gateway = await GatewayHarness.StartAsync(options => options.MaxCallsPerSecond = 1);
        using var peer = SipPeer.Udp(gateway.Udp);

        // Thirty at once: more than one a second however late the machine takes them.
        for (var call = 0; call < 30; call++) await peer.SendAsync(Invite(peer, $"call-{call}").ToBytes());
        SipResponse answer;
        do answer = await peer.ReceiveFinalAsync("INVITE");
        while (answer.Status != 503);

        Assert.True(int.Parse(answer.Headers.First(SipHeaderNames.RetryAfter)!, CultureInfo.InvariantCulture) > 0);
        Assert.InRange(gateway.Sink.Calls.Count, 1, 29);
    }

    private static Func<SipAdmissionVerdict, bool> Is(SipAdmissionVerdict verdict) => found => found == verdict;

    private static byte[] Call() => SiprecText.Invite().ToBytes();

    private static SiprecText Invite(SipPeer peer, string call) => SiprecText.Invite() with { SentBy = peer.SentBy, CallId = call, Branch = $"z9hG4bK{call}" };

    private static SiprecText Options(SipPeer peer) =>
        SiprecText.Invite() with { Method = "OPTIONS", SentBy = peer.SentBy, CallId = "o", Branch = "z9hG4bKo", Body = "", ContentType = "" };

    private static TrunkOptions TrunkOf(string name, string peer, int maxCalls)
    {
        var trunk = new TrunkOptions { Name = name, MaxCalls = maxCalls };
        trunk.Peers.Add(peer);
        return trunk;
    }

    private static void OnlyLoopbackTwo(SipOptions options) => options.Trunks.Add(TrunkOf("two", "127.0.0.2", maxCalls: 0));
}
