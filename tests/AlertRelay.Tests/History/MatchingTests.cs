using System.Collections.Immutable;
using CsCheck;
using EdgeAssist.AlertRelay.History.Matching;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Contracts;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.History;

public sealed class MatchingTests
{
    [Theory]
    [InlineData("+49 30 555-0100", "", "+49305550100")]
    [InlineData("0049 (30) 5550100", "DE", "+49305550100")]
    [InlineData("030/555 01 00", "DE", "+49305550100")]
    [InlineData("(202) 555-0134", "US", "+12025550134")]
    [InlineData("011 49 30 5550100", "US", "+49305550100")]
    [InlineData("020 7946 0018", "gb", "+442079460018")]
    [InlineData("+39 06 1234 5678", "", "+390612345678")]      // the Italian zero belongs to the number
    public void A_number_has_one_form_however_it_is_written(string written, string region, string e164) =>
        Assert.Equal(e164, TelephoneNumber.ToE164(written, region));

    [Theory]
    [InlineData("030 5550100", "")]          // no country
    [InlineData("4711", "DE")]               // an extension
    [InlineData("000676", "DE")]             // another number each time it is read
    [InlineData("5550134", "US")]            // could only be dialled within its area
    [InlineData("1800flowers", "US")]
    [InlineData("anonymous", "DE")]
    [InlineData("+4930555010012345678901", "")]
    [InlineData("", "DE")]
    public void What_is_no_number_of_its_own_is_none(string written, string region) => Assert.Null(TelephoneNumber.ToE164(written, region));

    [Fact]
    public void A_number_in_its_form_stays_as_it_is() => Gen.Select(Gen.Int[0, 6].Select(at => new[] { "DE", "US", "GB", "FR", "IN", "BR", "JP" }[at]), Gen.String[Gen.Char['0', '9'], 5, 13]).Sample((region, digits) =>
    {
        if (TelephoneNumber.ToE164(digits, region) is not { } once) return true;
        return TelephoneNumber.ToE164(once, "") == once && TelephoneNumber.ToE164(once, "ZA") == once && once.Length <= 16;
    });

    [Fact]
    public void Any_text_is_an_identifier_or_none_and_never_a_failure() => Gen.Select(Gen.Enum<IdentifierKind>(), Gen.String, Gen.Int[0, 2].Select(at => new[] { "", "DE", "US" }[at])).Sample((kind, text, region) =>
    {
        var first = Identifier.Parse(kind, text, region);
        return first is null || Identifier.Parse(kind, first.Value.Value, region) == first || kind == IdentifierKind.Aor;
    });

    [Theory]
    [InlineData("sip:Erika@PBX.Example.com:5061;transport=tls", "Erika", "pbx.example.com")]
    [InlineData("<sips:+4930@gw>;tag=1", "+4930", "gw")]
    [InlineData("tel:+49-30-555;phone-context=x", "+49-30-555", "")]
    [InlineData("sip:%2B4930@[2001:db8::1]:5060", "+4930", "[2001:db8::1]")]
    [InlineData("sip:user:secret@host", "user", "host")]
    [InlineData("4711", "4711", "")]
    public void An_address_is_taken_apart_as_far_as_matching_needs_it(string text, string user, string host) =>
        Assert.Equal(new SipAddress(user, host), SipAddress.Parse(text));

    [Fact]
    public void The_first_identifier_that_anybody_has_decides()
    {
        var asked = new List<Identifier>();
        var call = Call(ids: [("customer-id", "77"), ("ucid", "00001")]);

        var (match, key) = CustomerMatcher.Decide([.. CallIdentifiers.Of(call, CallIdentifiers.DefaultOrder, "DE")], identifier =>
        {
            asked.Add(identifier);
            return identifier.Kind == IdentifierKind.Number ? ["c-1"] : [];
        });

        Assert.Equal((MatchOutcome.Matched, "number", "c-1"), (match.Outcome, match.Identifier, key));
        Assert.Equal([IdentifierKind.CustomerId, IdentifierKind.Ucid, IdentifierKind.Aor, IdentifierKind.Number], asked.Select(identifier => identifier.Kind));
    }

    [Fact]
    public void An_identifier_of_several_customers_is_no_match_even_when_a_weaker_one_would_settle_it()
    {
        var (match, key) = CustomerMatcher.Decide([.. CallIdentifiers.Of(Call(ids: [("customer-id", "77")]), CallIdentifiers.DefaultOrder, "DE")],
            identifier => identifier.Kind == IdentifierKind.CustomerId ? ["c-1", "c-2"] : ["c-1"]);

        Assert.Equal((MatchOutcome.Ambiguous, null), (match.Outcome, key));
        Assert.Contains("2 customers have the call's customer-id", match.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_order_is_the_operators()
    {
        var call = Call(ids: [("customer-id", "77")]);

        var found = CallIdentifiers.Of(call, ["number", "customer-id"], "DE").Select(identifier => identifier.Name);

        Assert.Equal(["number", "customer-id"], found);
    }

    [Fact]
    public void Nobody_is_guessed_from_a_leg_whose_role_is_not_known()
    {
        var call = Say.Info(Say.NewCall()) with { Customer = "", Legs = [new LegInfo { Id = new LegId(0), Party = new Party("sip:+49305550100@pbx", "") }] };

        var (match, _) = CustomerMatcher.Decide([.. CallIdentifiers.Of(call, CallIdentifiers.DefaultOrder, "DE")], _ => ["c-1"]);

        Assert.Equal(MatchOutcome.NothingToGoBy, match.Outcome);
    }

    [Fact] // RFC 3325: on a call that the agent placed it names the agent
    public void An_asserted_identity_that_is_the_agents_is_not_looked_for()
    {
        var placed = Call(ids: [("p-asserted-identity", "sip:anna@pbx")]);
        var received = Call(ids: [("p-asserted-identity", "sip:+49305550199@carrier")]);

        Assert.Empty(CallIdentifiers.Of(placed, ["p-asserted-identity"], "DE"));
        Assert.Equal(["+49305550199", "+49305550199@carrier"], CallIdentifiers.Of(received, ["p-asserted-identity"], "DE").Select(found => found.Identifier.Value));
    }

    private static CallInfo Call(params (string Key, string Value)[] ids) => Say.Info(Say.NewCall()) with
    {
        CorrelationIds = ids.ToImmutableSortedDictionary(id => id.Key, id => id.Value, StringComparer.Ordinal),
    };
}
