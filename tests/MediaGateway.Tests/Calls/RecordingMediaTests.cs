using System.Globalization;
using System.Net;
using System.Text;
using CsCheck;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Tests.Sdp;
using EdgeAssist.Testing.Sip;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Calls;

/// <summary>The streams of a call over a whole life of offers: RFC 3264 §6 and §8, RFC 7866 §7.1.</summary>
public sealed class RecordingMediaTests : RecordingRig
{
    private sealed record Line(string Kind, string Protocol, int Port, string Formats, string Direction)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"m={Kind} {Port} {Protocol} {Formats}\r\na={Direction}\r\n");

        public bool IsUsable => Kind == "audio" && Port != 0 && Protocol is "RTP/AVP" or "RTP/AVPF" && Formats.Split(' ').Any(format => format is "0" or "8");
    }

    private static readonly Gen<Line> s_line = Gen.Select(
        Gen.Frequency((6, Gen.Const("audio")), (2, Gen.Const("video")), (1, Gen.OneOf("message", "image", "application"))),
        Gen.Frequency((6, Gen.Const("RTP/AVP")), (1, Gen.OneOf("RTP/AVPF", "UDP/TLS/RTP/SAVPF", "TCP/MSRP"))),
        Gen.Frequency((5, Gen.Int[1024, 65534]), (1, Gen.Const(0))),
        Gen.OneOf("0", "8", "0 101", "18", "96", "18 8 0"),
        Gen.OneOf("sendonly", "sendrecv", "inactive", "recvonly"),
        (kind, protocol, port, formats, direction) => new Line(kind, protocol, port, formats, direction));

    // An edit of the line list: a line changed, ended, added (RFC 3264 §8 never takes one out).
    private static readonly Gen<(int Kind, int At, Line Line)> s_edit = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 7], s_line);

    [Fact] // PROTOCOLS d.1.4: the same number and order, always, through every re-INVITE
    public void Any_life_of_one_to_eight_lines_is_answered_line_for_line() =>
        Gen.Select(s_line.List[1, 8], s_edit.List[0, 6].List[0, 4]).Sample((first, changes) =>
        {
            var transport = new FakeMediaTransport();
            var media = new CallMedia(transport, new Instant(0), IPAddress.Loopback, "7");
            var lines = first;
            Check(media, transport, lines);
            foreach (var edits in changes)
            {
                foreach (var (kind, at, line) in edits)
                {
                    if (kind == 0 && lines.Count < 8) lines.Add(line);
                    else if (kind == 1) lines[at % lines.Count] = lines[at % lines.Count] with { Port = 0 };
                    else lines[at % lines.Count] = line;
                }

                Check(media, transport, lines);
            }

            media.EndAll();
            foreach (var leg in media.TakeEnded()) leg.DisposeAsync().AsTask().Wait();
            Assert.All(transport.Legs, leg => Assert.True(leg.IsDisposed));
        }, iter: 2000);

    private static void Check(CallMedia media, FakeMediaTransport transport, List<Line> lines)
    {
        var offer = SdpParserTests.Parse("v=0\r\nc=IN IP4 192.0.2.1\r\n" + string.Concat(lines));
        var before = media.Description;
        var outcome = media.TakeOffer(offer, IPAddress.Loopback);
        foreach (var leg in media.TakeEnded()) leg.DisposeAsync().AsTask().Wait();

        // 488 only when something is offered and nothing of it can be used; then nothing has changed.
        var refused = lines.Exists(line => line.Port != 0) && !lines.Exists(line => line.IsUsable);
        Assert.Equal(refused ? OfferOutcome.NothingUsable : OfferOutcome.Taken, outcome);
        if (refused)
        {
            Assert.Equal(before, media.Description);
            return;
        }

        var answer = SdpParserTests.Parse(Encoding.UTF8.GetString(media.Description));
        Assert.Equal(lines.Select(line => (line.Kind, line.Protocol)), answer.Media.Select(line => (line.Kind, line.Protocol)));
        Assert.Equal(lines.Select(line => line.IsUsable), answer.Media.Select(line => line.Port != 0));
        Assert.Equal(lines.Count(line => line.IsUsable), transport.Legs.Count(leg => !leg.IsDisposed));
        foreach (var (line, answered) in lines.Zip(answer.Media).Where(pair => pair.First.IsUsable))
        {
            var expected = line.Direction is "sendonly" or "sendrecv" ? SdpDirection.RecvOnly : SdpDirection.Inactive;
            Assert.Equal(expected, answered.DirectionIn(answer));
            Assert.Equal(line.Formats.Split(' ').First(format => format is "0" or "8"), answered.Formats[0]);
        }
    }

    public static TheoryData<string, string, string, string, string> Directions()
    {
        var table = new TheoryData<string, string, string, string, string>();
        foreach (var direction in (string[])["sendonly", "sendrecv", "recvonly", "inactive"])
            foreach (var hold in (string[])["none", "inactive", "zeros", "zeros6"])
            {
                var answered = direction is "sendonly" or "sendrecv" ? "recvonly" : "inactive";
                table.Add(direction, hold, answered, hold == "none" ? answered : "inactive", answered);
            }

        return table;
    }

    [Theory] // RFC 3264 §8.4: both styles of hold, from every direction, and back
    [MemberData(nameof(Directions))]
    public void Each_direction_is_answered_held_and_resumed(string direction, string hold, string first, string held, string resumed)
    {
        var (tag, _) = Establish(Invite with { ContentType = "application/sdp", Body = SiprecText.Offer(direction) });
        var ports = Media.Legs.Select(leg => leg.LocalPort).ToList();
        Assert.Equal(first == "recvonly", Media.Legs.First().Plan.ExpectMedia);

        var offer = hold switch
        {
            "none" => SiprecText.Offer(direction),
            "inactive" => SiprecText.Offer("inactive"),
            "zeros" => SiprecText.Offer(direction, "0.0.0.0"),
            _ => SiprecText.Offer(direction).Replace("c=IN IP4 127.0.0.1", "c=IN IP6 ::", StringComparison.Ordinal),
        };
        var holding = Sdp(Final(Send(Inside("INVITE", tag, 2) with { ContentType = "application/sdp", Body = offer })));
        Send(Inside("ACK", tag, 2, "z9hG4bKheldack"));
        var resuming = Sdp(Final(Send(Inside("UPDATE", tag, 3) with { ContentType = "application/sdp", Body = SiprecText.Offer(direction) })));

        Assert.All(holding.Media, media => Assert.Equal(held, media.DirectionIn(holding).ToString(), ignoreCase: true));
        Assert.All(resuming.Media, media => Assert.Equal(resumed, media.DirectionIn(resuming).ToString(), ignoreCase: true));
        Assert.Equal([.. ports, .. ports], [.. holding.Media.Select(media => media.Port), .. resuming.Media.Select(media => media.Port)]);
        Assert.Equal(held == first ? 1ul : 2ul, holding.Origin.Version);
        Assert.Equal(held == first ? 1ul : 3ul, resuming.Origin.Version);
    }

    [Theory] // descriptions of real clients: what is answered to their first line
    [InlineData("v=0\no=- 1 0 IN IP4 0.0.0.0\ns=-\nm=audio 35011 RTP/AVP 0 8 3 101\na=rtpmap:101 telephone-event/8000\na=label:1\na=sendonly\n", "recvonly", "0 101")]                // OpenSIPS: no c=, no t=
    [InlineData("v=0\r\no=Sonus_UAC 1 2 IN IP4 192.0.2.1\r\ns=SIP Media Capabilities\r\nt=0 0\r\nm=audio 48932 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\na=label:1\r\na=sendonly\r\na=maxptime:20\r\n", "recvonly", "0")]   // Ribbon: c= of the stream
    [InlineData("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 10292 RTP/AVP 0 19 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=inactive\r\na=label:1\r\n", "inactive", "0 101 19")]       // Cisco CUBE: CN 19, starts inactive
    [InlineData("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 9010 RTP/AVP 8 101 0 9 18\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendonly\r\na=label:1\r\n", "recvonly", "8 101")]          // BroadWorks: events between codecs
    [InlineData("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 9010 RTP/AVP 0\r\na=direction:both\r\na=label:a_leg\r\n", "recvonly", "0")]                                                                          // SEMS
    [InlineData("v=0\r\nc=IN IP4 192.0.2.1\r\na=group:BUNDLE 0\r\nm=audio 9010 RTP/AVP 0\r\na=mid:0\r\na=rtcp-mux\r\na=sendonly\r\na=sendonly\r\na=label:1\r\na=record:on\r\n", "recvonly", "0")]        // bundle refused, mux taken, unknown and doubled attributes
    public void Odd_descriptions_are_answered(string offer, string direction, string formats)
    {
        var answer = Sdp(Final(Send(Invite with { ContentType = "application/sdp", Body = offer })));

        var line = Assert.Single(answer.Media);
        Assert.Equal((direction, formats), (line.DirectionIn(answer).ToString().ToLowerInvariant(), string.Join(' ', line.Formats)));
        Assert.DoesNotContain(answer.Attributes, attribute => attribute.Name == "group");
        Assert.Equal(offer.Contains("rtcp-mux", StringComparison.Ordinal), line.Attribute("rtcp-mux") is not null);
    }
}
