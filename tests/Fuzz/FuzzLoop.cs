using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace EdgeAssist.Fuzz;

/// <summary>How a run went.</summary>
internal sealed record FuzzSummary
{
    public required string Target { get; init; }
    public required int Seed { get; init; }
    public required long Executions { get; init; }
    public required double Seconds { get; init; }
    public required int Corpus { get; init; }

    /// <summary>Places of the map that were hit: branches taken after branches, as AFL counts them.</summary>
    public required int Edges { get; init; }

    /// <summary>Inputs that broke the target: file names, or the exception's first line when there is no folder.</summary>
    public required IReadOnlyList<string> Findings { get; init; }

    public required double SlowestMilliseconds { get; init; }

    public override string ToString() => FormattableString.Invariant(
        $"{Target,-12} {Executions,10} runs in {Seconds,5:0} s ({Executions / Math.Max(Seconds, 0.001):0}/s), corpus {Corpus}, edges {Edges}, slowest {SlowestMilliseconds:0.0} ms, findings {Findings.Count}, seed {Seed}");
}

/// <summary>
/// The loop of a coverage-guided fuzzer: an input that reaches a new edge, or an edge a new number of times, joins the corpus.
/// Edges are counted by the instrumented assembly into the map given here.
/// </summary>
internal sealed unsafe class FuzzLoop(byte* map, int mapLength, string? findingsFolder)
{
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(1);
    private readonly byte[] _seen = new byte[mapLength];
    private readonly List<byte[]> _corpus = [];
    private readonly List<string> _findings = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private TimeSpan _slowest;

    public FuzzSummary Run(FuzzTarget target, TimeSpan time, long maxRuns, int seed)
    {
        var random = new Random(seed);
        var mutator = new FuzzMutator(random, Words(target.Seeds));
        var started = Stopwatch.GetTimestamp();
        long runs = 0;
        foreach (var input in target.Seeds)
        {
            runs++;
            Try(target, input);
            if (!_corpus.Contains(input)) _corpus.Add(input);
        }

        while (runs < maxRuns && Stopwatch.GetElapsedTime(started) < time)
        {
            // Half of the time what was found last: it is where the new branches are.
            var index = random.Next(2) == 0 ? random.Next(_corpus.Count) : _corpus.Count - 1 - random.Next(Math.Min(16, _corpus.Count));
            for (var i = 0; i < 32; i++, runs++) Try(target, mutator.Mutate(_corpus[index], _corpus[random.Next(_corpus.Count)]));
        }

        return new FuzzSummary
        {
            Target = target.Name, Seed = seed, Executions = runs, Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds, Corpus = _corpus.Count,
            Edges = _seen.Count(value => value != 0), Findings = _findings, SlowestMilliseconds = _slowest.TotalMilliseconds,
        };
    }

    private void Try(FuzzTarget target, byte[] input, bool isRepeated = false)
    {
        new Span<byte>(map, mapLength).Clear();
        var started = Stopwatch.GetTimestamp();
        try
        {
            target.Run(input);
        }
        catch (Exception e)
        {
            // What this loop is for: whatever comes out is kept with the input, once for each place it comes from.
            Keep(target, input, e.GetType().Name, e.ToString());
        }

        var took = Stopwatch.GetElapsedTime(started);
        // Other work on the machine may stop us for a while: what is slow is slow twice.
        if (took > s_hang && !isRepeated)
        {
            Try(target, input, isRepeated: true);
            return;
        }

        if (took > _slowest) _slowest = took;
        if (took > s_hang) Keep(target, input, "Hang", $"Hang: {took.TotalSeconds:0.0} s");
        if (IsNew()) _corpus.Add(input);
    }

    private void Keep(FuzzTarget target, byte[] input, string kind, string text)
    {
        var frame = text.Split('\n').FirstOrDefault(line => line.Contains("EdgeAssist.MediaGateway", StringComparison.Ordinal)) ?? kind;
        if (!_known.Add(kind + frame)) return;
        if (findingsFolder is null)
        {
            _findings.Add(text.Split('\n')[0] + frame);
            return;
        }

        Directory.CreateDirectory(findingsFolder);
        var file = Path.Combine(findingsFolder, $"{target.Name}-{kind}-{Convert.ToHexStringLower(SHA256.HashData(input))[..12]}.bin");
        File.WriteAllBytes(file, input);
        File.WriteAllText(file + ".txt", text);
        _findings.Add(file);
    }

    private bool IsNew()
    {
        var isNew = false;
        var hits = new ReadOnlySpan<byte>(map, mapLength);
        for (var i = hits.IndexOfAnyExcept((byte)0); i >= 0;)
        {
            var bucket = Bucket(hits[i]);
            isNew |= (_seen[i] & bucket) == 0;
            _seen[i] |= bucket;
            var next = hits[(i + 1)..].IndexOfAnyExcept((byte)0);
            i = next < 0 ? -1 : i + 1 + next;
        }

        return isNew;
    }

    private static byte Bucket(byte count) => count switch { 1 => 1, 2 => 2, 3 => 4, < 8 => 8, < 16 => 16, < 32 => 32, < 128 => 64, _ => 128 };

    /// <summary>Words of the seeds, and numbers that break counters.</summary>
    private static List<byte[]> Words(IReadOnlyList<byte[]> seeds)
    {
        var words = new HashSet<string>(StringComparer.Ordinal) { "-1", "0", "65536", "2147483648", "4294967296", "99999999999999999999", "%00", "%", "\r\n\r\n", "\u0000" };
        foreach (var seed in seeds)
            foreach (var word in Encoding.Latin1.GetString(seed).Split([' ', '\r', '\n', ';', ',', '=', ':', '<', '>', '"', '/'], StringSplitOptions.RemoveEmptyEntries))
                if (word.Length is > 1 and < 40 && words.Count < 512) words.Add(word);
        return [.. words.Select(Encoding.Latin1.GetBytes)];
    }
}
