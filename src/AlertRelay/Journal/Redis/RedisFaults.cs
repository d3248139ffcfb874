using System.Net;
using StackExchange.Redis;

namespace EdgeAssist.AlertRelay.Journal.Redis;

/// <summary>The server's errors as what an operator can do about them.</summary>
internal static class RedisFaults
{
    public static string Name(EndPoint place) => place is DnsEndPoint host ? $"{host.Host}:{host.Port}" : place.ToString()!;

    /// <summary>The answer did not come: the command may have been done, and repeating it may tell.</summary>
    public static bool IsSilence(Exception error) => error is RedisConnectionException or RedisTimeoutException;

    public static JournalException Explain(RedisException error, string where)
    {
        if (error is RedisServerException && error.Message.StartsWith("OOM", StringComparison.Ordinal))
        {
            return new JournalException(JournalFault.Full,
                $"The log on {where} has no room: Redis has reached its maxmemory. Raise it or lower the retention; writing resumes by itself.", error);
        }

        return new JournalException(JournalFault.Unavailable,
            $"The log on {where} cannot be reached or refuses to write ({error.Message}). Writing resumes by itself when it is back.", error);
    }

    public static JournalException Silent(Exception error, string where) => new(JournalFault.Unavailable,
        $"The log on {where} did not answer. Whether the last batch was written is not known until it is back; repeating it is safe.", error);

    public static JournalException OtherLog(string where) => new(JournalFault.Damaged,
        $"The log on {where} is another one than this relay opened: it was deleted or replaced. Restart the relay; clients then begin anew with a snapshot.");
}
