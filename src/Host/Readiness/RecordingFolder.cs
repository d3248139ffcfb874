using System.Globalization;
using EdgeAssist.AlertRelay.Csv;
using EdgeAssist.Contracts;
using EdgeAssist.Host.Demo;
using EdgeAssist.Host.Terminal;
using EdgeAssist.MediaGateway.Codecs;

namespace EdgeAssist.Host.Readiness;

/// <summary>One party's recording, decoded.</summary>
internal sealed record PartyAudio(string Name, PartyRole Role, int SampleRate, string Codec, short[] Samples);

/// <summary>A call of a folder.</summary>
/// <param name="Id">From <c>calls.csv</c>, or the file's or folder's name.</param>
/// <param name="Parties">One a stream.</param>
/// <param name="Row">Its row in <c>calls.csv</c>, if there is one.</param>
internal sealed record RecordedCallFiles(string Id, IReadOnlyList<PartyAudio> Parties, IReadOnlyDictionary<string, string> Row)
{
    public string Column(string name) => Row.GetValueOrDefault(name, "");
}

/// <summary>
/// Recordings of calls and tables beside them, before anything is installed: <c>*.wav</c> here and below (mono pairs
/// <c>NAME_customer.wav</c> and <c>NAME_agent.wav</c>, stereo, or mono), folders with <c>call.json</c>, <c>calls.csv</c>,
/// <c>history.csv</c>, <c>satisfaction.csv</c>, <c>transcripts.csv</c>.
/// </summary>
internal sealed class RecordingFolder
{
    private const int MostFiles = 2000;

    private static readonly (string Word, PartyRole Role)[] RoleWords =
        [("customer", PartyRole.Customer), ("caller", PartyRole.Customer), ("client", PartyRole.Customer), ("agent", PartyRole.Agent), ("operator", PartyRole.Agent)];

    private readonly string _folder;
    private readonly List<string> _unreadable = [];

    private RecordingFolder(string folder) => _folder = folder;

    public IReadOnlyList<RecordedCallFiles> Calls { get; private set; } = [];

    public IReadOnlyList<string> Unreadable => _unreadable;

    /// <summary>Words said, by the file's name without folder and ending.</summary>
    public IReadOnlyDictionary<string, string> References { get; private set; } = new Dictionary<string, string>();

    public CsvTable? CallTable { get; private set; }

    public CsvTable? History { get; private set; }

    public CsvTable? Satisfaction { get; private set; }

    /// <exception cref="UserError">There is no such folder.</exception>
    public static RecordingFolder Read(string folder)
    {
        if (!Directory.Exists(folder)) throw new UserError($"--folder {folder}: there is no such folder.");
        var read = new RecordingFolder(Path.GetFullPath(folder));
        read.CallTable = read.Table("calls.csv");
        read.History = read.Table("history.csv");
        read.Satisfaction = read.Table("satisfaction.csv");
        var references = read.Table("transcripts.csv");
        read.References = references is null ? new Dictionary<string, string>() : Rows(references)
            .Where(row => row.ContainsKey("file") && row.ContainsKey("text"))
            .GroupBy(row => Path.GetFileNameWithoutExtension(row["file"]), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.First()["text"], StringComparer.OrdinalIgnoreCase);
        read.Calls = [.. read.Collect()];
        return read;
    }

    /// <summary>Rows as heading to text.</summary>
    public static IEnumerable<Dictionary<string, string>> Rows(CsvTable table)
    {
        foreach (var row in table.Rows)
        {
            var read = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            for (var i = 0; i < table.Heading.Count; i++) read[table.Heading[i]] = row.Fields[i].Text.Trim();
            yield return read;
        }
    }

    private IEnumerable<RecordedCallFiles> Collect()
    {
        var rows = CallTable is null ? [] : Rows(CallTable).ToList();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var call in Described(taken)) yield return call;

        var files = Directory.EnumerateFiles(_folder, "*.wav", SearchOption.AllDirectories).Where(file => !taken.Contains(file)).Order(StringComparer.Ordinal).Take(MostFiles + 1).ToList();
        if (files.Count > MostFiles)
        {
            _unreadable.Add(string.Create(CultureInfo.InvariantCulture, $"more than {MostFiles} recordings: the others were not looked at"));
            files.RemoveAt(MostFiles);
        }

        foreach (var group in files.GroupBy(file => Path.Combine(Path.GetDirectoryName(file)!, Stem(file).Name), StringComparer.Ordinal))
        {
            var parties = group.SelectMany(file => Parties(file, Stem(file).Role)).ToList();
            if (parties.Count == 0) continue;
            var id = Path.GetFileName(group.Key);
            var names = group.Select(file => Path.GetFileName(file)!).ToHashSet(StringComparer.OrdinalIgnoreCase);
            var row = rows.FirstOrDefault(row => names.Overlaps(row.Where(cell => cell.Key.EndsWith("file", StringComparison.OrdinalIgnoreCase)).Select(cell => cell.Value)) || row.GetValueOrDefault("call_id") == id);
            yield return new RecordedCallFiles(row?.GetValueOrDefault("call_id") ?? id, parties, row ?? []);
        }
    }

    private IEnumerable<RecordedCallFiles> Described(HashSet<string> taken)
    {
        foreach (var description in Directory.EnumerateFiles(_folder, "call.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            SampleCall? call = null;
            try
            {
                call = SampleCall.Read(Path.GetDirectoryName(description)!);
            }
            catch (UserError unfit)
            {
                _unreadable.Add(unfit.Message);
            }

            if (call is null) continue;
            var parties = new List<PartyAudio>();
            foreach (var party in call.Parties)
            {
                var file = Path.Combine(call.Folder, party.File);
                taken.Add(file);
                parties.AddRange(Parties(file, party.Role == "agent" ? PartyRole.Agent : PartyRole.Customer));
            }

            yield return new RecordedCallFiles(call.Name, parties, new Dictionary<string, string> { ["team"] = call.Team });
        }
    }

    // NAME_customer.wav is the customer of NAME; what says nothing is a call of its own, of nobody known.
    private static (string Name, PartyRole Role) Stem(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        foreach (var (word, role) in RoleWords)
        {
            if (name.Length > word.Length + 1 && name.EndsWith(word, StringComparison.OrdinalIgnoreCase) && name[^(word.Length + 1)] is '_' or '-' or '.') return (name[..^(word.Length + 1)], role);
        }

        return (name, PartyRole.Unknown);
    }

    private IEnumerable<PartyAudio> Parties(string file, PartyRole role)
    {
        WaveFile wave;
        try
        {
            wave = WaveFile.Read(file);
        }
        catch (Exception unfit) when (unfit is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            _unreadable.Add(unfit.Message.Replace(_folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal));
            yield break;
        }

        var (name, codec) = (Path.GetRelativePath(_folder, file), Codec(wave));
        for (var channel = 0; channel < wave.Channels; channel++)
        {
            // Of a stereo recording nobody says which side is whose unless calls.csv does.
            var own = wave.Channels == 1 ? role : PartyRole.Unknown;
            yield return new PartyAudio(wave.Channels == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name} channel {channel}"), own, wave.SampleRate, codec, wave.ToPcm(channel));
        }
    }

    private static string Codec(WaveFile wave) => wave.Coding switch
    {
        WaveCoding.MuLaw => "PCMU",
        WaveCoding.ALaw => "PCMA",
        _ => string.Create(CultureInfo.InvariantCulture, $"linear {wave.SampleRate / 1000.0:0.#} kHz"),
    };

    private CsvTable? Table(string name)
    {
        var path = Path.Combine(_folder, name);
        if (!File.Exists(path)) return null;
        var table = CsvTable.Parse(File.ReadAllText(path));
        _unreadable.AddRange(table.Bad.Select(bad => string.Create(CultureInfo.InvariantCulture, $"{name} line {bad.Line}, column {bad.Column}: {bad.What}")));
        return table;
    }
}
