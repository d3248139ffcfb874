using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeAssist.MediaGateway.Siprec.Profiles;

/// <summary>The profiles that come with the product (profiles.json), and others from an operator's file.</summary>
internal static class VendorProfiles
{
    private const string CommonName = "common";

    // By reflection: generated readers set every init property, and what a file leaves out would lose its default.
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowTrailingCommas = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
    };

    /// <summary>What every session gets that is of no make known here.</summary>
    public static VendorProfile Common { get; }

    /// <summary>In the order of detection.</summary>
    public static ImmutableArray<VendorProfile> All { get; }

    static VendorProfiles()
    {
        using var stream = typeof(VendorProfiles).Assembly.GetManifestResourceStream("EdgeAssist.MediaGateway.Siprec.Profiles.profiles.json")!;
        var known = JsonSerializer.Deserialize<ImmutableArray<VendorProfile>>(stream, s_json);
        Common = known.Single(profile => profile.Name == CommonName);
        All = [.. known.Where(profile => profile.Name != CommonName).Select(profile => profile.Over(Common))];
    }

    /// <summary>Reads the profiles and compiles their patterns, which the first call would otherwise wait for.</summary>
    public static void Warm()
    {
        foreach (var profile in All) _ = profile.Fault();
    }

    public static VendorProfile? Find(string name) =>
        name.Equals(CommonName, StringComparison.OrdinalIgnoreCase)
            ? Common
            : All.FirstOrDefault(profile => profile.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The first whose sign a session shows, else the common one.</summary>
    public static VendorProfile Detect(in ProfileSubject subject)
    {
        foreach (var profile in All)
            if (profile.Matches(subject)) return profile;
        return Common;
    }

    /// <summary>Reads one profile of an operator's own.</summary>
    /// <param name="json">One object, as they stand in profiles.json.</param>
    /// <param name="fault">What is wrong, as a sentence without its end.</param>
    public static VendorProfile? Parse(string json, out string fault)
    {
        try
        {
            var profile = JsonSerializer.Deserialize<VendorProfile>(json, s_json);
            fault = profile is null ? "the file holds no profile" : profile.Fault() ?? "";
            return fault.Length == 0 ? profile!.Over(Common) : null;
        }
        catch (JsonException e)
        {
            fault = e.Message.TrimEnd('.');
            return null;
        }
    }
}
