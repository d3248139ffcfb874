using System.Globalization;
using System.Security.Cryptography;
using StackExchange.Redis;

namespace EdgeAssist.AlertRelay.Journal.Redis;

/// <summary>The log as it was found.</summary>
internal readonly record struct LogFound(string Epoch, long Head, long Oldest, string? Damage);

/// <summary>
/// Opening: the server must make every write durable before it answers; the log must be whole, record by record; a log other
/// than the one this relay knew is told.
/// </summary>
internal static class RedisJournalStart
{
    private const int Chunk = 1000;

    /// <exception cref="JournalException">The server cannot be reached, would lose acknowledged records, or its log is damaged.</exception>
    public static async Task<RedisJournal> OpenAsync(RedisJournalOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var connection = await ConnectAsync(options);
        try
        {
            var where = RedisJournal.Where(connection);
            await RefuseForgetfulAsync(connection, where);
            var keys = new RedisKeys(options.Prefix);
            var found = await FindAsync(connection.GetDatabase(), keys, where, cancellationToken);
            var journal = new RedisJournal(connection, keys, options, found with { Damage = await CompareEpochAsync(options, found.Epoch, where, cancellationToken) }, time);
            await journal.ListenAsync();
            return journal;
        }
        catch (RedisException error)
        {
            await connection.DisposeAsync();
            throw RedisFaults.Explain(error, options.Prefix);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<ConnectionMultiplexer> ConnectAsync(RedisJournalOptions options)
    {
        ConfigurationOptions configuration;
        try
        {
            configuration = ConfigurationOptions.Parse(options.Configuration);
        }
        catch (ArgumentException wrong)
        {
            // The text may hold a password: only the parser's own words are told.
            throw new JournalException(JournalFault.Unavailable, $"The address of the shared log cannot be read: {wrong.Message} Write HOST:PORT, and options behind commas.", wrong);
        }

        configuration.ClientName = "edgeassist-relay";
        configuration.AllowAdmin = true;   // to read three settings
        configuration.AbortOnConnectFail = true;
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        configuration.AsyncTimeout = 2_000;
        configuration.ConnectTimeout = 3_000;
        configuration.ReconnectRetryPolicy = new LinearRetry(100);
        configuration.HeartbeatInterval = TimeSpan.FromMilliseconds(250);
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(configuration);
        }
        catch (RedisConnectionException error)
        {
            throw new JournalException(JournalFault.Unavailable,
                $"The shared log on {string.Join(", ", configuration.EndPoints.Select(RedisFaults.Name))} cannot be reached. Start Redis there, or set another address.", error);
        }
    }

    private static async Task RefuseForgetfulAsync(ConnectionMultiplexer connection, string where)
    {
        foreach (var server in connection.GetServers().Where(server => !server.IsReplica))
        {
            foreach (var (setting, wanted) in new[] { ("appendonly", "yes"), ("appendfsync", "always"), ("maxmemory-policy", "noeviction") })
            {
                var set = (await server.ConfigGetAsync(setting)).FirstOrDefault().Value;
                if (set == wanted) continue;
                throw new JournalException(JournalFault.Unavailable,
                    $"Redis on {where} has «{setting} {set}» and would lose acknowledged alerts. Set «{setting} {wanted}» in its configuration.");
            }
        }
    }

    private static async Task<LogFound> FindAsync(IDatabase database, RedisKeys keys, string where, CancellationToken cancellationToken)
    {
        var fresh = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        await database.ScriptEvaluateAsync(
            "if redis.call('HSETNX', KEYS[1], 'epoch', ARGV[1]) == 1 then redis.call('HSET', KEYS[1], 'head', 0, 'oldest', 1) end return 1",
            [keys.Meta], [fresh]);
        var meta = await database.HashGetAsync(keys.Meta, ["epoch", "head", "oldest"]);
        if (meta[0].IsNullOrEmpty || !meta[1].TryParse(out long head) || !meta[2].TryParse(out long oldest)) throw Damaged("what it says of itself cannot be read");

        // Other relays may append and trim meanwhile: only what stood at the beginning is looked at.
        var expected = oldest;
        while (expected <= head)
        {
            var entries = await database.StreamRangeAsync(keys.Log, RedisRows.Id(expected), RedisRows.Id(head), Chunk).WaitAsync(cancellationToken);
            if (entries.Length == 0) throw Damaged(string.Create(CultureInfo.InvariantCulture, $"record {expected} is missing"));
            foreach (var entry in entries)
            {
                var offset = RedisRows.Offset(entry);
                if (offset != expected && !await TrimmedAsync(expected)) throw Damaged(string.Create(CultureInfo.InvariantCulture, $"record {expected} is missing"));
                if (!RedisRows.TryRead(entry, out _)) throw Damaged(string.Create(CultureInfo.InvariantCulture, $"record {offset} is not what was written"));
                expected = offset + 1;
            }
        }

        return new LogFound(meta[0].ToString(), head, oldest, null);

        async Task<bool> TrimmedAsync(long offset) => (await database.HashGetAsync(keys.Meta, "oldest")).TryParse(out long now) && now > offset;

        JournalException Damaged(string what) => new(JournalFault.Damaged,
            $"The log on {where} is damaged: {what}. Restore it from a backup, or delete its keys ({keys.Base}:*) to begin anew; clients then begin with a snapshot.");
    }

    private static async Task<string?> CompareEpochAsync(RedisJournalOptions options, string epoch, string where, CancellationToken cancellationToken)
    {
        var known = File.Exists(options.EpochPath) ? (await File.ReadAllTextAsync(options.EpochPath, cancellationToken)).Trim() : "";
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.EpochPath))!);
        await File.WriteAllTextAsync(options.EpochPath, epoch + "\n", cancellationToken);
        return known.Length == 0 || known == epoch
            ? null
            : $"The log on {where} is not the one this relay knew: it was deleted or replaced. Clients begin anew with a snapshot. If you have a backup of the earlier one, stop the relays and put it back.";
    }
}
