using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Hosting;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Calls.Supervisors;

public sealed class SupervisionConfigurationTests
{
    [Fact]
    public void Nothing_configured_calls_nobody_and_is_no_fault()
    {
        var read = new SupervisionConfiguration(new SupervisionOptions(), [new Trunk()]);

        Assert.Empty(read.Faults);
        Assert.Null(read.Settings.PhoneOf("sue", null));
        Assert.Equal(("default", false, false), (read.Settings.Profile.Name, read.Settings.PlaysTone, read.Settings.AnyPhone));
    }

    [Fact]
    public void A_phone_of_ones_own_comes_before_that_of_everybody_whose_address_names_the_subject()
    {
        var options = new SupervisionOptions();
        options.Phones.Add(new SupervisorPhoneOptions { Subject = "*", Address = "sip:{subject}@127.0.0.1:5090", Target = "tcp:192.0.2.7:5060" });
        options.Phones.Add(new SupervisorPhoneOptions { Subject = "sue", Address = "sip:2001@127.0.0.1;transport=tls" });

        var settings = new SupervisionConfiguration(options, [new Trunk()]).Settings;
        var (own, any) = (settings.PhoneOf("sue", null)!.Value, settings.PhoneOf("tom", null)!.Value);

        Assert.Equal("sip:2001@127.0.0.1;transport=tls", own.Address.ToString());
        Assert.Equal((SipTransport.Tls, 5061), (own.Phone.PlaceOf(own.Address)!.Transport, own.Phone.PlaceOf(own.Address)!.EndPoint.Port));
        Assert.Equal("sip:tom@127.0.0.1:5090", any.Address.ToString());
        Assert.Equal("192.0.2.7:5060", any.Phone.PlaceOf(any.Address)!.EndPoint.ToString());
    }

    [Fact]
    public void What_is_wrong_is_said_all_at_once_with_its_place()
    {
        var options = new SupervisionOptions { Profile = "moon", RingTime = TimeSpan.FromSeconds(1), PhoneTimeout = TimeSpan.FromSeconds(1), SessionExpires = TimeSpan.FromSeconds(10) };
        options.Phones.Add(new SupervisorPhoneOptions { Subject = "sue", Address = "not a uri" });
        options.Phones.Add(new SupervisorPhoneOptions { Subject = "", Address = "sip:a@127.0.0.1", Srtp = "Maybe", Trunk = "none", Target = "nowhere at all" });
        options.Phones.Add(new SupervisorPhoneOptions { Subject = "sue", Address = "sip:b@127.0.0.1", Credentials = { User = "b" } });
        options.Phones[1].Codecs.Add("opus");

        var faults = string.Join('\n', new SupervisionConfiguration(options, [new Trunk()]).Faults);

        foreach (var word in new[] { "Profile 'moon'", "RingTime", "PhoneTimeout", "SessionExpires", "'not a uri'", "needs a Subject", "'Maybe'", "Trunk 'none'", "'nowhere at all'", "Credentials needs Realm", "'opus'", "'sue' 2 times" })
            Assert.Contains(word, faults, StringComparison.Ordinal);
    }
}
