using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Journal.Sqlite;
using Google.Protobuf;
using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.Labelling;

/// <summary>A drawn call with what labelling said of it; what an estimator needs.</summary>
/// <param name="SampleId">The sample.</param>
/// <param name="CallId">The call.</param>
/// <param name="Team">Its team when it ended.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Alerted">Its stratum.</param>
/// <param name="Probability">Its chance to be drawn: drawn over frame of its stratum, above 0 to 1.</param>
/// <param name="Verdict">Of the newest label by anybody; unspecified when nobody labelled it.</param>
internal readonly record struct SampledVerdict(string SampleId, string CallId, string Team, DateTimeOffset StartedAt, bool Alerted, double Probability, V1.LabelVerdict Verdict);

/// <summary>
/// Samples and labels, kept for good in <c>labels.db</c>: reports over quarters need them when the journal has long forgotten
/// the calls. Durable when a method returns.
/// </summary>
internal sealed class LabelStore : IDisposable
{
    // Services meet here, for one short transaction each.
    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection;

    private LabelStore(SqliteConnection connection) => _connection = connection;

    private const string FileName = "labels.db";

    /// <summary>What labelling said so far, read from beside whoever keeps it; nothing where no sample was ever drawn.</summary>
    /// <param name="directory">The data directory.</param>
    public static IReadOnlyList<SampledVerdict> ReadVerdicts(string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path)) return [];
        using var store = new LabelStore(SqliteJournalStart.Connect(
            new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 5 }.ToString()));
        return store.Verdicts();
    }

    /// <exception cref="JournalException">The file cannot be used.</exception>
    public static LabelStore Open(string directory) => new(SqliteSchema.Open(Path.Combine(directory, FileName), """
        CREATE TABLE IF NOT EXISTS sample (sample_id TEXT PRIMARY KEY, drawn_at INTEGER NOT NULL, request BLOB NOT NULL, payload BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS drawn (
            sample_id TEXT NOT NULL, position INTEGER NOT NULL, call_id TEXT NOT NULL, team TEXT NOT NULL, alerted INTEGER NOT NULL, started INTEGER NOT NULL,
            PRIMARY KEY (sample_id, position), UNIQUE (sample_id, call_id)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS label (
            number INTEGER PRIMARY KEY, sample_id TEXT NOT NULL, call_id TEXT NOT NULL, labeller TEXT NOT NULL, verdict INTEGER NOT NULL,
            request_key TEXT NOT NULL UNIQUE, payload BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS label_call ON label (sample_id, call_id, number);
        """));

    /// <summary>The sample, when it was drawn before, and what was asked for then.</summary>
    public (V1.Sample Sample, V1.DrawSampleRequest Asked)? Find(string sampleId) => Read(
        "SELECT payload, request FROM sample WHERE sample_id = $sample",
        row => (V1.Sample.Parser.ParseFrom(row.GetFieldValue<byte[]>(0)), V1.DrawSampleRequest.Parser.ParseFrom(row.GetFieldValue<byte[]>(1))),
        ("$sample", sampleId)) is [var found, ..] ? found : null;

    /// <summary>Keeps a sample with its calls.</summary>
    /// <returns>False when another one of its name came first.</returns>
    public bool Keep(V1.Sample sample, V1.DrawSampleRequest asked, IReadOnlyList<DrawnCall> drawn) => Write(transaction =>
    {
        using var insert = Command(
            "INSERT OR IGNORE INTO sample (sample_id, drawn_at, request, payload) VALUES ($sample, $at, $request, $payload)", transaction,
            ("$sample", sample.SampleId), ("$at", sample.DrawnAt.ToDateTimeOffset().UtcTicks), ("$request", asked.ToByteArray()), ("$payload", sample.ToByteArray()));
        if (insert.ExecuteNonQuery() == 0) return false;
        foreach (var (call, position) in drawn)
        {
            using var one = Command(
                "INSERT INTO drawn (sample_id, position, call_id, team, alerted, started) VALUES ($sample, $position, $call, $team, $alerted, $started)", transaction,
                ("$sample", sample.SampleId), ("$position", position), ("$call", call.CallId), ("$team", call.Team), ("$alerted", call.Alerted),
                ("$started", call.StartedAt.UtcTicks));
            one.ExecuteNonQuery();
        }

        return true;
    });

    /// <summary>Newest first, with how far labelling has come.</summary>
    public IReadOnlyList<V1.Sample> Samples()
    {
        var samples = Read("SELECT payload FROM sample ORDER BY drawn_at DESC, sample_id", row => V1.Sample.Parser.ParseFrom(row.GetFieldValue<byte[]>(0)));
        var verdicts = Verdicts().ToLookup(verdict => verdict.SampleId, StringComparer.Ordinal);
        foreach (var sample in samples)
        {
            Count(sample.Unalerted, verdicts[sample.SampleId].Where(verdict => !verdict.Alerted));
            Count(sample.Alerted, verdicts[sample.SampleId].Where(verdict => verdict.Alerted));
        }

        return samples;
    }

    /// <summary>The calls of a sample in the order of labelling.</summary>
    public IReadOnlyList<DrawnCall> Drawn(string sampleId) => Read(
        "SELECT call_id, team, alerted, position, started FROM drawn WHERE sample_id = $sample ORDER BY position",
        row => new DrawnCall(new FrameCall(row.GetString(0), row.GetString(1), row.GetBoolean(2), Moment(row.GetInt64(4))), row.GetInt32(3)), ("$sample", sampleId));

    /// <summary>A labeller's newest label of each call of a sample.</summary>
    public IReadOnlyDictionary<string, V1.CallLabel> LabelsOf(string sampleId, string labeller) => Read(
        "SELECT payload FROM label WHERE sample_id = $sample AND labeller = $labeller ORDER BY number",
        row => V1.CallLabel.Parser.ParseFrom(row.GetFieldValue<byte[]>(0)), ("$sample", sampleId), ("$labeller", labeller))
        .GroupBy(label => label.CallId, StringComparer.Ordinal).ToDictionary(labels => labels.Key, labels => labels.Last(), StringComparer.Ordinal);

    /// <summary>The label that was kept for a request; null when there is none.</summary>
    public V1.CallLabel? Remembered(string requestKey) => Read(
        "SELECT payload FROM label WHERE request_key = $key", row => V1.CallLabel.Parser.ParseFrom(row.GetFieldValue<byte[]>(0)), ("$key", requestKey)) is [var label] ? label : null;

    /// <summary>Keeps a label; once a request key.</summary>
    public void Add(V1.CallLabel label, string requestKey) => Write(transaction =>
    {
        using var insert = Command(
            "INSERT OR IGNORE INTO label (sample_id, call_id, labeller, verdict, request_key, payload) VALUES ($sample, $call, $labeller, $verdict, $key, $payload)", transaction,
            ("$sample", label.SampleId), ("$call", label.CallId), ("$labeller", label.Labeller), ("$verdict", (int)label.Verdict), ("$key", requestKey),
            ("$payload", label.ToByteArray()));
        return insert.ExecuteNonQuery() == 1;
    });

    /// <summary>Every drawn call of every sample, by sample and place.</summary>
    public IReadOnlyList<SampledVerdict> Verdicts()
    {
        var strata = Read("SELECT payload FROM sample", row => V1.Sample.Parser.ParseFrom(row.GetFieldValue<byte[]>(0)))
            .ToDictionary(sample => sample.SampleId, StringComparer.Ordinal);
        return Read("""
            SELECT d.sample_id, d.call_id, d.team, d.alerted,
                COALESCE((SELECT verdict FROM label l WHERE l.sample_id = d.sample_id AND l.call_id = d.call_id ORDER BY number DESC LIMIT 1), 0),
                d.started
            FROM drawn d ORDER BY d.sample_id, d.position
            """,
            row =>
            {
                var alerted = row.GetBoolean(3);
                var stratum = alerted ? strata[row.GetString(0)].Alerted : strata[row.GetString(0)].Unalerted;
                return new SampledVerdict(row.GetString(0), row.GetString(1), row.GetString(2), Moment(row.GetInt64(5)), alerted, (double)stratum.Drawn / stratum.Frame, (V1.LabelVerdict)row.GetInt32(4));
            });
    }

    public void Dispose() => _connection.Dispose();

    private static DateTimeOffset Moment(long ticks) => new(ticks, TimeSpan.Zero);

    private static void Count(V1.Stratum stratum, IEnumerable<SampledVerdict> verdicts)
    {
        foreach (var verdict in verdicts)
        {
            if (verdict.Verdict != V1.LabelVerdict.Unspecified) stratum.Labelled++;
            if (verdict.Verdict == V1.LabelVerdict.ShouldAlert) stratum.ShouldAlert++;
        }
    }

    private List<T> Read<T>(string sql, Func<SqliteDataReader, T> take, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        lock (_gate)
        {
            using var command = Command(sql, null, parameters);
            var found = new List<T>();
            using var row = command.ExecuteReader();
            while (row.Read()) found.Add(take(row));
            return found;
        }
    }

    private bool Write(Func<SqliteTransaction, bool> act)
    {
        lock (_gate)
        {
            try
            {
                using var transaction = _connection.BeginTransaction(deferred: false);
                var done = act(transaction);
                transaction.Commit();
                return done;
            }
            catch (SqliteException error)
            {
                throw SqliteFaults.Explain(error, _connection.DataSource);
            }
        }
    }

    private SqliteCommand Command(string sql, SqliteTransaction? transaction, params ReadOnlySpan<(string Name, object Value)> parameters) =>
        SqliteSchema.Command(_connection, sql, transaction, parameters);
}
