using Microsoft.Extensions.Options;

namespace EdgeAssist.Host.Composition;

/// <summary>How the parts find each other when they run as processes of their own, section <c>Links</c>.</summary>
internal sealed class LinkOptions
{
    public const string Section = "Links";

    /// <summary>Where the gateway finds the inference workers, for example <c>http://127.0.0.1:7444</c>; several with commas between them.</summary>
    public string Inference { get; set; } = "";

    /// <summary>Where the inference worker finds the relay.</summary>
    public string Relay { get; set; } = "";

    /// <summary>
    /// Where the relay finds gateways, for supervisors on calls: <c>NAME=ADDRESS</c>, several with commas between them. The name is
    /// <c>Sip:GatewayName</c> of that gateway; an address without a name is that of any gateway not named otherwise. Empty: supervisors
    /// are put on calls of a gateway in the relay's own process only.
    /// </summary>
    public string Gateways { get; set; } = "";

    /// <summary>Names and addresses of <see cref="Gateways"/>.</summary>
    public static IEnumerable<(string Name, string Address)> NamedAddresses(string value) => Addresses(value).Select(entry =>
        entry.IndexOf('=', StringComparison.Ordinal) is var at and > 0 ? (entry[..at].Trim(), entry[(at + 1)..].Trim()) : ("", entry));

    /// <summary>The addresses of a setting that may name several.</summary>
    public static string[] Addresses(string value) => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>File with the access token of role <c>internal</c>; empty: made from the key in the data directory, for parts on one machine.</summary>
    public string TokenFile { get; set; } = "";
}

/// <summary>Says what is wrong with <see cref="LinkOptions"/> for the roles of this process.</summary>
internal sealed class LinkOptionsValidator(ApplianceRole role) : IValidateOptions<LinkOptions>
{
    public ValidateOptionsResult Validate(string? name, LinkOptions options)
    {
        var failures = new List<string>();
        if (role.HasFlag(ApplianceRole.Gateway) && !role.HasFlag(ApplianceRole.Inference)) Check("Links:Inference", options.Inference, failures, LinkOptions.Addresses(options.Inference));
        if (options.Gateways.Length > 0) Check("Links:Gateways", options.Gateways, failures, [.. LinkOptions.NamedAddresses(options.Gateways).Select(gateway => gateway.Address)]);
        if (role.HasFlag(ApplianceRole.Inference) && !role.HasFlag(ApplianceRole.Relay)) Check("Links:Relay", options.Relay, failures, [options.Relay]);
        if (options.TokenFile.Length > 0 && !File.Exists(options.TokenFile))
            failures.Add($"Links:TokenFile is \"{options.TokenFile}\", and there is no such file. Make one with: edgeassist token --role internal --subject {role.ToString().ToLowerInvariant()} > FILE");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void Check(string key, string value, List<string> failures, string[] addresses)
    {
        if (addresses.Length == 0) addresses = [value];
        foreach (var address in addresses) Check(key, address, failures);
    }

    private static void Check(string key, string value, List<string> failures)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            failures.Add($"{key} is \"{value}\". Write the address of the other part, for example http://127.0.0.1:7443.");
        else if (address.Scheme == "http" && !address.IsLoopback)
            failures.Add($"{key} is \"{value}\": outside loopback it must be https.");
    }
}
