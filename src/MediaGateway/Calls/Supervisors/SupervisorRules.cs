using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Calls.Supervisors;

/// <summary>What is possible on a call, and why the rest is not. Asked again before anything is done.</summary>
internal static class SupervisorRules
{
    /// <param name="call">The call.</param>
    /// <param name="settings">What is configured.</param>
    /// <param name="supervisor">Subject.</param>
    /// <param name="wish">The phone asked for; null for the configured one.</param>
    public static CallCapabilities Of(SupervisedCall call, SupervisionSettings settings, string supervisor, SipUri? wish = null)
    {
        var phone = settings.PhoneOf(supervisor, wish);
        var (word, sentence) = AgainstAll(call, settings, phone);
        return new CallCapabilities
        {
            Call = call.Info.Id,
            Phone = settings.PhoneOf(supervisor, null)?.Address.ToString() ?? "",
            AnyPhone = settings.AnyPhone,
            PlaysTone = settings.PlaysTone && call.IsMixable,
            Profile = settings.Profile.Name,
            Modes = [.. Enum.GetValues<InterventionMode>().Select(mode => word.Length > 0 ? new ModeCapability(mode, word, sentence) : Of(call, settings, mode))],
        };
    }

    private static (string WhyNot, string Sentence) AgainstAll(SupervisedCall call, SupervisionSettings settings, (SupervisorPhone Phone, SipUri Address)? phone)
    {
        if (call.Bridged is { IsEmergency: true }) return ("emergency", "Emergency calls are left alone.");
        if (call.Bridged is { IsAnswered: false } || call.Heard.IsEmpty) return ("not_answered", "The call has not been answered yet.");
        if (phone is not { } found)
        {
            return ("no_phone", settings.Phones.IsEmpty
                ? "No phone is configured for you: Supervision:Phones of the gateway."
                : "That phone is not the one configured for you, and no other is allowed (Supervision:AnyPhone).");
        }

        if (found.Phone.PlaceOf(found.Address) is not { } place) return ("no_route", "Nothing leads to your phone now: its server's name is not known, or no route has its number.");
        return new MediaProtection(found.Phone.Srtp, place.Transport == SipTransport.Tls).CanOffer
            ? ("", "")
            : ("srtp", "Your phone's media must be protected (Srtp: Required), and its signalling is not TLS.");
    }

    private static ModeCapability Of(SupervisedCall call, SupervisionSettings settings, InterventionMode mode)
    {
        if (mode != InterventionMode.Listen && call.Bridged is null)
            return new ModeCapability(mode, "siprec_only", "The call comes to this box as a copy (SIPREC): listening is all there is.");
        if (settings.Profile.Forbidden.Contains(mode))
            return new ModeCapability(mode, "policy", $"The profile {settings.Profile.Name} forbids it.");
        if (settings.Profile.RequiresTone && !call.IsMixable)
            return new ModeCapability(mode, "policy", $"The profile {settings.Profile.Name} wants both parties to hear a tone, which cannot be played into this call.");
        if (mode != InterventionMode.Listen && !call.IsMixable)
            return new ModeCapability(mode, "codec", $"The call speaks {call.Codec}; a supervisor can be heard in calls with PCMU or PCMA. Listening is possible.");
        if (mode is InterventionMode.Whisper or InterventionMode.TakeOver && call.AgentSide is null)
            return new ModeCapability(mode, "roles", "Signalling does not say which party is the agent.");
        return new ModeCapability(mode);
    }
}
