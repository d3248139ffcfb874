using System.Collections.Immutable;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Calls.Bridge;
using EdgeAssist.MediaGateway.Calls.Supervisors;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using Microsoft.Extensions.Options;

namespace EdgeAssist.MediaGateway.Hosting;

/// <summary>Reads <see cref="SupervisionOptions"/>; what cannot be read is said in a sentence, all at once.</summary>
internal sealed class SupervisionConfiguration
{
    private static readonly string[] s_codecs = ["PCMU", "PCMA", "G722"];

    private readonly List<string> _faults = [];

    /// <param name="options">What is configured.</param>
    /// <param name="trunks">The gateway's trunks.</param>
    public SupervisionConfiguration(SupervisionOptions options, ImmutableArray<Trunk> trunks)
    {
        Settings = new SupervisionSettings
        {
            Profile = ReadProfile(options.Profile),
            BeepTone = options.BeepTone,
            AnyPhone = options.AnyPhone,
            RingTime = Within(options.RingTime, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(3), "RingTime"),
            PhoneTimeout = options.PhoneTimeout == TimeSpan.Zero ? null : Within(options.PhoneTimeout, TimeSpan.FromSeconds(5), TimeSpan.FromHours(1), "PhoneTimeout"),
            SessionExpires = options.SessionExpires == TimeSpan.Zero ? null : Within(options.SessionExpires, TimeSpan.FromSeconds(90), TimeSpan.FromHours(24), "SessionExpires"),
            KeyPad = options.KeyPad,
            Phones = [.. options.Phones.Select(phone => ReadPhone(phone, trunks)).OfType<SupervisorPhone>()],
        };
        foreach (var twice in options.Phones.GroupBy(phone => phone.Subject, StringComparer.Ordinal).Where(same => same.Count() > 1))
            _faults.Add($"Supervision:Phones has '{twice.Key}' {twice.Count()} times: a supervisor has one phone.");
    }

    public SupervisionSettings Settings { get; }

    /// <summary>Places that are names, to be looked up now and then.</summary>
    public IEnumerable<NamedTarget> Names => Settings.Phones.Select(phone => phone.Target).OfType<NamedTarget>();

    public IReadOnlyList<string> Faults => _faults;

    private SupervisorPhone? ReadPhone(SupervisorPhoneOptions options, ImmutableArray<Trunk> trunks)
    {
        var where = $"Supervision:Phones '{options.Subject}'";
        if (options.Subject.Length == 0) _faults.Add($"{where} needs a Subject: the supervisor's, as in the token, or * for everybody.");
        if (!SipUriParser.TryParse(options.Address.Replace("{subject}", "-subject-", StringComparison.Ordinal), out var address) || address!.User.Length == 0)
        {
            _faults.Add($"{where} Address '{options.Address}' is not a SIP URI with a user, for example sip:2001@pbx.example.com.");
            return null;
        }

        var trunk = options.Trunk.Length == 0 ? null : trunks.FirstOrDefault(candidate => candidate.Name == options.Trunk && candidate.Inline is not null);
        if (options.Trunk.Length > 0 && trunk is null) _faults.Add($"{where} Trunk '{options.Trunk}' is not the name of an inline trunk.");
        var target = ReadTarget(where, options, address, trunk);
        return new SupervisorPhone
        {
            Subject = options.Subject,
            Address = address with { User = address.User.Replace("-subject-", "{subject}", StringComparison.Ordinal) },
            Target = target,
            Trunk = trunk?.Inline,
            Identity = InlineConfiguration.ReadIdentity($"{where} Credentials", options.Credentials, _faults) ?? trunk?.Inline?.Identity,
            Srtp = options.Srtp.Length == 0 ? trunk?.Srtp ?? SrtpPolicy.WithTls : InlineConfiguration.ReadOne(options.Srtp, SrtpPolicy.WithTls, $"{where} Srtp", Enum.GetValues<SrtpPolicy>(), _faults),
            Codecs = ReadCodecs(where, options),
            LearnPort = options.LearnPort,
        };
    }

    // An address whose host is a name is looked up like a target.
    private IRouteTarget? ReadTarget(string where, SupervisorPhoneOptions options, SipUri address, Trunk? trunk)
    {
        if (options.Target.Length > 0) return InlineConfiguration.ReadTarget($"{where} Target", options.Target, _faults);
        return trunk is not null || address.Address is not null ? null : new NamedTarget(address with { User = "", Password = null, Headers = "" });
    }

    private ImmutableArray<string> ReadCodecs(string where, SupervisorPhoneOptions options)
    {
        foreach (var codec in options.Codecs.Where(codec => !s_codecs.Contains(codec, StringComparer.OrdinalIgnoreCase)))
            _faults.Add($"{where} Codecs '{codec}' is unknown; write {string.Join(", ", s_codecs)}.");
        return [.. options.Codecs];
    }

    private SupervisionProfile ReadProfile(string name)
    {
        if (SupervisionProfile.All.FirstOrDefault(profile => profile.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } known) return known;
        _faults.Add($"Supervision:Profile '{name}' is unknown; write {string.Join(", ", SupervisionProfile.All.Select(profile => profile.Name))}.");
        return SupervisionProfile.UsAllParty;   // not used: the start stops
    }

    private TimeSpan Within(TimeSpan value, TimeSpan min, TimeSpan max, string name)
    {
        if (value < min || value > max) _faults.Add($"Supervision:{name} is {value}; it must be between {min} and {max}.");
        return value;
    }
}

/// <summary>Reads the options once at start and says what cannot be read.</summary>
internal sealed class SupervisionOptionsValidator(SipConfiguration gateway) : IValidateOptions<SupervisionOptions>
{
    public ValidateOptionsResult Validate(string? name, SupervisionOptions options)
    {
        var faults = new SupervisionConfiguration(options, gateway.Recording.Trunks).Faults;
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
