using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeAssist.Host.Terminal;

namespace EdgeAssist.Host.Demo;

/// <summary>A call in a folder: one recording a party and <c>call.json</c>. All times are seconds from the first sample.</summary>
internal sealed record SampleCall
{
    public required string Title { get; init; }

    public string Team { get; init; } = "";

    public double Duration { get; init; }

    /// <summary>First sentence that shows upset; null when there is none.</summary>
    public double? UpsetFrom { get; init; }

    /// <summary>The sentence in which the customer demands a manager or threatens to leave; null when nobody does.</summary>
    public double? EscalatesAt { get; init; }

    public required IReadOnlyList<SampleParty> Parties { get; init; }

    /// <summary>What is said, in the words of the script; may be empty.</summary>
    public IReadOnlyList<SampleTurn> Turns { get; init; } = [];

    [JsonIgnore]
    public string Folder { get; private init; } = "";

    /// <summary>The folder's name: <c>calm</c>, <c>escalation</c>, …</summary>
    [JsonIgnore]
    public string Name => Path.GetFileName(Folder.TrimEnd(Path.DirectorySeparatorChar));

    /// <exception cref="UserError">No such folder, or its <c>call.json</c> cannot be read; the message says where.</exception>
    public static SampleCall Read(string folder)
    {
        var file = Path.Combine(folder, "call.json");
        try
        {
            var call = JsonSerializer.Deserialize(File.ReadAllBytes(file), SampleCallJson.Default.SampleCall)
                ?? throw new UserError($"{file} is empty.");
            if (call.Parties.Count == 0) throw new UserError($"{file}: \"parties\" names nobody.");
            return call with { Folder = Path.GetFullPath(folder) };
        }
        catch (JsonException broken)
        {
            throw new UserError($"{file}, line {broken.LineNumber + 1}: {broken.Message}", broken);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"The call in {folder} cannot be read: {missing.Message}", missing);
        }
    }

    /// <summary>A bundled sample, from beside the program.</summary>
    public static SampleCall Bundled(string name) => Read(Path.Combine(AppContext.BaseDirectory, "samples", name));
}

/// <summary>One party of a sample call.</summary>
internal sealed record SampleParty
{
    /// <summary><c>customer</c> or <c>agent</c>.</summary>
    public required string Role { get; init; }

    public string Name { get; init; } = "";

    /// <summary>Address of record, a SIP URI.</summary>
    public required string Aor { get; init; }

    /// <summary>Recording, relative to the folder.</summary>
    public required string File { get; init; }
}

/// <summary>One turn of the script.</summary>
internal sealed record SampleTurn
{
    public required string Role { get; init; }

    public double Start { get; init; }

    public double End { get; init; }

    public required string Text { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SampleCall))]
internal sealed partial class SampleCallJson : JsonSerializerContext;
