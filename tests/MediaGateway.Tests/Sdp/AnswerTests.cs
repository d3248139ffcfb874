using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using CsCheck;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Sdp;

/// <summary>The answer of a recording server: RFC 3264 §6, RFC 7866 §7.1.</summary>
public sealed class AnswerTests
{
    private static readonly AnswerPlanner s_planner = new(["PCMU/8000", "PCMA/8000"]);
    private static readonly IPAddress s_source = IPAddress.Parse("198.51.100.7");

    [Theory] // RFC 7866 §7.1.1.1
    [InlineData("sendonly", "recvonly")]
    [InlineData("inactive", "inactive")]
    [InlineData("sendrecv", "recvonly")]
    [InlineData("recvonly", "inactive")]
    public void It_only_ever_receives(string offered, string answered)
    {
        var plan = Plan($"v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\na={offered}\r\n")[0];

        Assert.Equal(answered, plan.Direction.ToString(), ignoreCase: true);
    }

    [Fact] // BroadWorks offers telephone-event between the codecs
    public void One_codec_is_answered_the_first_we_have_with_events_and_comfort_noise_of_its_clock()
    {
        var plan = Plan("v=0\r\nm=audio 4000 RTP/AVP 18 9 101 8 102 13 0\r\na=rtpmap:101 telephone-event/16000\r\na=rtpmap:102 telephone-event/8000\r\na=fmtp:102 0-15\r\n")[0];

        Assert.Equal([8, 102, 13], plan.Formats.Select(format => (int)format.PayloadType));
        Assert.Equal("0-15", plan.Formats[1].Parameters);
    }

    [Fact]
    public void Video_secure_transports_ended_lines_and_unknown_codecs_are_refused_and_keep_their_place()
    {
        const string Offer = "v=0\r\nm=video 4 RTP/AVP 31\r\nm=audio 6 RTP/SAVP 0\r\nm=audio 0 RTP/AVP 0\r\nm=audio 8 RTP/AVP 18\r\nm=message 9 TCP/MSRP *\r\nm=audio 10 RTP/AVP 0\r\n";

        var answer = Answer(Offer, [0, 0, 0, 0, 0, 20_000]);

        Assert.Equal([0, 0, 0, 0, 0, 20_000], answer.Media.Select(media => media.Port));
        Assert.Equal(["video", "audio", "audio", "audio", "message", "audio"], answer.Media.Select(media => media.Kind));
        Assert.Equal("RTP/SAVP", answer.Media[1].Protocol);
    }

    [Fact] // OpenSIPS
    public void A_missing_connection_is_replaced_by_the_source_of_signalling() =>
        Assert.Equal(new IPEndPoint(s_source, 35011), Plan("v=0\r\nm=audio 35011 RTP/AVP 0\r\na=sendonly\r\n")[0].Remote);

    [Fact] // RFC 3264 §8.4: the old form of hold
    public void A_connection_of_zeros_is_a_hold() =>
        Assert.Equal(SdpDirection.Inactive, Plan("v=0\r\nc=IN IP4 0.0.0.0\r\nm=audio 4000 RTP/AVP 0\r\na=sendonly\r\n")[0].Direction);

    [Fact] // RFC 4574, RFC 5761 §5.1.1
    public void Label_and_rtcp_mux_are_answered()
    {
        var media = Answer("v=0\r\nm=audio 4 RTP/AVP 0\r\na=label:16777227\r\na=rtcp-mux\r\n", [20_000]).Media[0];

        Assert.Equal("16777227", media.Label);
        Assert.NotNull(media.Attribute("rtcp-mux"));
    }

    [Fact] // RFC 3264 §8
    public void The_version_goes_up_by_one_when_the_description_changes_and_only_then()
    {
        var writer = new AnswerWriter("7", () => null);
        var plans = Plan("v=0\r\nm=audio 4 RTP/AVP 0\r\na=sendonly\r\n");
        var held = Plan("v=0\r\nm=audio 4 RTP/AVP 0\r\na=inactive\r\n");

        var versions = new[] { plans, plans, held, held, plans }
            .Select(next => SdpParserTests.Parse(Encoding.UTF8.GetString(writer.Answer(next, [20_000], "192.0.2.2"))).Origin.Version);

        Assert.Equal([1ul, 1, 2, 2, 3], versions);
    }

    [Fact] // PROTOCOLS d.1.4
    public void Any_offer_of_one_to_eight_lines_is_answered_line_for_line()
    {
        var line = Gen.Select(Gen.OneOf("audio", "video", "message"), Gen.Int[0, 65535], Gen.OneOf("RTP/AVP", "RTP/SAVP", "RTP/AVPF"),
            Gen.Int[0, 127].Array[0, 5], Gen.OneOf("sendonly", "sendrecv", "recvonly", "inactive", "x"));
        line.List[1, 8].Sample(lines =>
        {
            var offer = "v=0\r\nc=IN IP4 192.0.2.1\r\n" + string.Concat(lines.Select(item =>
                string.Create(CultureInfo.InvariantCulture, $"m={item.Item1} {item.Item2} {item.Item3} {string.Join(' ', item.Item4)}\r\na={item.Item5}\r\n")));
            var parsed = SdpParserTests.Parse(offer);
            var plans = s_planner.Plan(parsed, s_source);
            var answer = Answer(offer, [.. plans.Select((plan, index) => plan.IsAccepted ? 20_000 + (2 * index) : 0)]);

            Assert.Equal(parsed.Media.Select(media => media.Kind), answer.Media.Select(media => media.Kind));
            Assert.Equal(parsed.Media.Select(media => media.Protocol), answer.Media.Select(media => media.Protocol));
            foreach (var (media, plan) in answer.Media.Zip(plans))
            {
                Assert.Equal(plan.IsAccepted, media.Port != 0);
                if (!plan.IsAccepted) continue;
                Assert.Single(media.PayloadFormats(), format => format.EncodingName is "PCMU" or "PCMA");
                Assert.True(media.DirectionIn(answer) is SdpDirection.RecvOnly or SdpDirection.Inactive);
                Assert.Subset(plan.Offered.Formats.ToHashSet(), media.Formats.ToHashSet());
            }
        }, iter: 2000);
    }

    private static ImmutableArray<LinePlan> Plan(string offer) => s_planner.Plan(SdpParserTests.Parse(offer), s_source);

    private static SessionDescription Answer(string offer, ImmutableArray<int> ports) =>
        SdpParserTests.Parse(Encoding.UTF8.GetString(new AnswerWriter("7", () => null).Answer(Plan(offer), ports, "192.0.2.2")));
}
