using System.Collections.Immutable;
using System.Text.RegularExpressions;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Siprec;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Siprec;

public sealed class RoleRulesTests
{
    [Theory]
    [InlineData(AddressTest.Domain, "PBX.example.net", "sip:4711@pbx.example.net:5060;user=phone", true)]
    [InlineData(AddressTest.Domain, "pbx.example.net", "sip:4711@example.net", false)]
    [InlineData(AddressTest.Prefix, "47", "4711@10.0.0.1", true)]                // Ribbon writes no scheme
    [InlineData(AddressTest.Prefix, "+49", "tel:+493012345;phone-context=x", true)]
    [InlineData(AddressTest.ExtensionLength, "4", "sip:4711@x", true)]
    [InlineData(AddressTest.ExtensionLength, "4", "sip:47110@x", false)]
    [InlineData(AddressTest.ExtensionLength, "4", "sip:anna@x", false)]
    [InlineData(AddressTest.Pattern, "^sip:agent\\d+@", "sip:agent12@x", true)]
    [InlineData(AddressTest.Any, "", "anything", true)]
    internal void A_rule_tests_its_part_of_the_address(AddressTest test, string value, string aor, bool matches)
    {
        var rule = new RoleRule(test, value, PartyRole.Agent)
        {
            Pattern = test == AddressTest.Pattern ? new Regex(value, RegexOptions.NonBacktracking) : null,
        };

        Assert.Equal(matches, rule.Matches(AddressOfRecord.Parse(aor)));
    }

    [Fact]
    public void Evidence_is_asked_in_the_order_of_its_strength_and_nothing_is_guessed()
    {
        var rules = new RoleRules
        {
            Addresses = [new RoleRule(AddressTest.Prefix, "47", PartyRole.Agent)],
            Labels = ImmutableDictionary<string, PartyRole>.Empty.Add("a_leg", PartyRole.Customer),
            Positions = [PartyRole.Customer, PartyRole.Unknown],
        };

        Assert.Equal((PartyRole.Agent, RoleEvidence.Metadata), rules.Resolve(Speaker("sip:4711@x"), "a_leg", 0));
        Assert.Equal((PartyRole.Customer, RoleEvidence.Label), rules.Resolve(Speaker("sip:1@x"), "A_LEG", 1));
        Assert.Equal((PartyRole.Customer, RoleEvidence.Position), rules.Resolve(Speaker("sip:1@x"), "1", 0));
        Assert.Equal((PartyRole.Unknown, RoleEvidence.None), rules.Resolve(Speaker("sip:1@x"), "2", 1));
        Assert.Equal((PartyRole.Mixed, RoleEvidence.Metadata), rules.Resolve(new StreamSpeaker([], true), "a_leg", 0));
        Assert.Equal((PartyRole.Unknown, RoleEvidence.None), RoleRules.None.Resolve(Speaker("sip:4711@x"), "agent", 0));
    }

    private static StreamSpeaker Speaker(string aor) => new([new MetadataName(aor, "")], false);
}
