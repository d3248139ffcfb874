namespace EdgeAssist.AlertRelay.Journal.Redis;

/// <summary>What has to be one step for all relays: Redis runs a script alone, and answers it only after the fsync.</summary>
internal static class RedisScripts
{
    /// <summary>Fields of an entry, in the order of <see cref="RedisRows"/>'s values.</summary>
    public const int FieldsPerRecord = 9;

    /// <summary>
    /// Appends a batch behind a head, or says why not. KEYS: log, meta, alerts. ARGV: base, epoch, after, batch, written at,
    /// then nine values a record. Answers {1, head} when written (also by an earlier try of the same batch), {0, head}
    /// when the log is elsewhere, {-1, 0} when it is another log.
    /// </summary>
    public const string Append = """
        local meta = redis.call('HMGET', KEYS[2], 'epoch', 'head')
        if meta[1] ~= ARGV[2] then return {-1, 0} end
        local head = tonumber(meta[2])
        local after = tonumber(ARGV[3])
        local count = (#ARGV - 5) / 9
        if head ~= after then
            local id = string.format('%.0f-0', after + 1)
            local first = redis.call('XRANGE', KEYS[1], id, id)
            if first[1] and first[1][2][2] == ARGV[4] then return {1, after + count} end
            return {0, head}
        end
        for i = 0, count - 1 do
            local at = 6 + i * 9
            local offset = string.format('%.0f', after + 1 + i)
            redis.call('XADD', KEYS[1], offset .. '-0', 'b', ARGV[4], 'm', ARGV[5],
                'k', ARGV[at], 'c', ARGV[at + 1], 'a', ARGV[at + 2], 't', ARGV[at + 3], 'g', ARGV[at + 4],
                'w', ARGV[at + 5], 'r', ARGV[at + 6], 'p', ARGV[at + 7], 's', ARGV[at + 8])
            redis.call('ZADD', ARGV[1] .. ':call:' .. ARGV[at + 1], offset, offset)
            if ARGV[at + 2] ~= '' then redis.call('HSET', KEYS[3], ARGV[at + 2], offset) end
            if ARGV[at] == '1' or ARGV[at] == '16' then redis.call('ZADD', ARGV[1] .. ':begin:' .. ARGV[at], offset, offset) end
        end
        local reached = string.format('%.0f', after + count)
        redis.call('HSET', KEYS[2], 'head', reached)
        redis.call('PUBLISH', ARGV[1] .. ':more', reached)
        return {1, after + count}
        """;

    /// <summary>
    /// Forgets records in front of an offset, with what the indexes say of them. KEYS: log, meta, alerts. ARGV: base, target,
    /// most. Answers {forgotten, oldest}.
    /// </summary>
    public const string Trim = """
        local oldest = tonumber(redis.call('HGET', KEYS[2], 'oldest'))
        local target = math.min(tonumber(ARGV[2]), oldest + tonumber(ARGV[3]))
        if target <= oldest then return {0, oldest} end
        local gone = redis.call('XRANGE', KEYS[1], '-', string.format('%.0f-0', target - 1))
        for _, entry in ipairs(gone) do
            local offset = string.match(entry[1], '^(%d+)')
            local field = entry[2]
            redis.call('ZREM', ARGV[1] .. ':call:' .. field[8], offset)
            if field[10] ~= '' and redis.call('HGET', KEYS[3], field[10]) == offset then redis.call('HDEL', KEYS[3], field[10]) end
        end
        local edge = string.format('(%.0f', target)
        redis.call('ZREMRANGEBYSCORE', ARGV[1] .. ':begin:1', '-inf', edge)
        redis.call('ZREMRANGEBYSCORE', ARGV[1] .. ':begin:16', '-inf', edge)
        redis.call('XTRIM', KEYS[1], 'MINID', string.format('%.0f-0', target))
        redis.call('HSET', KEYS[2], 'oldest', string.format('%.0f', target))
        return {target - oldest, target}
        """;
}
