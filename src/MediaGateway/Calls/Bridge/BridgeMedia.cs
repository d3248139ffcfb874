using System.Collections.Immutable;
using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;

namespace EdgeAssist.MediaGateway.Calls.Bridge;

/// <summary>What a bridged call's media needs to know.</summary>
/// <param name="Origin">Position 0 of the call's timeline.</param>
/// <param name="CallerAddress">Our media address told to the caller.</param>
/// <param name="CalleeAddress">Our media address told to the callee.</param>
/// <param name="SessionId">Session id of our o= lines.</param>
/// <param name="PassOther">Media that is not relayed goes directly between the ends; else it is refused.</param>
/// <param name="Fork">Decode both sides for analysis.</param>
/// <param name="LearnPort">Both sides may send from another port than they say.</param>
/// <param name="Protections">Which media of either side may be protected or plain.</param>
internal sealed record BridgeMediaPlan(
    Instant Origin, IPAddress CallerAddress, IPAddress CalleeAddress, string SessionId, bool PassOther, bool Fork, bool LearnPort, Protections Protections);

/// <summary>
/// The media of a bridged call: takes each side's descriptions, opens a relayed stream for each RTP line, and says what the
/// other side is told instead. An offer changes nothing that flows before its answer (RFC 3264 §8); a refused one leaves no trace.
/// </summary>
internal sealed class BridgeMedia(IMediaRelay relay, BridgeMediaPlan plan)
{
    private readonly SortedDictionary<int, BridgeLine> _lines = [];
    private readonly List<BridgeLine> _opened = [];
    private readonly List<IAsyncDisposable> _ended = [];
    private readonly Author[] _authors = [new(plan.SessionId), new(plan.SessionId)];
    private readonly SessionDescription?[] _said = new SessionDescription?[2];   // by each side, as last agreed
    private Protections _protections = plan.Protections;
    private Replacement? _replacement;
    private SessionDescription? _offer;
    private RelaySide _offerer;

    public IReadOnlyCollection<BridgeLine> Lines => _lines.Values;

    /// <summary>The first line that is heard, null before any.</summary>
    public BridgeLine? Audio => _lines.Values.FirstOrDefault();

    /// <summary>What a side was told last; empty before anything.</summary>
    public ReadOnlyMemory<byte> LastTold(RelaySide to) => _authors[(int)to].Last;

    /// <summary>Whether a description is the one the side sent last (its o= line is unchanged, RFC 3264 §8): a refresh.</summary>
    public bool IsRepeated(SessionDescription description, RelaySide from) => _authors[(int)from].Heard is { } heard && heard == description.Origin;

    /// <summary>Takes an offer.</summary>
    /// <param name="offer">The offer.</param>
    /// <param name="from">Whose.</param>
    /// <param name="told">What the other side is offered.</param>
    /// <returns>How it was taken; only <see cref="OfferOutcome.Taken"/> has something to tell.</returns>
    public OfferOutcome Offer(SessionDescription offer, RelaySide from, out ReadOnlyMemory<byte> told)
    {
        told = default;
        (_offer, _offerer) = (offer, from);
        for (var index = 0; index < offer.Media.Length; index++)
        {
            var line = offer.Media[index];
            if (!IsTaken(line, from) || (line.Port == 0 && !_lines.ContainsKey(index))) continue;
            if (!_lines.ContainsKey(index) && !TryOpen(index, line)) return Refuse(OfferOutcome.NoPort);
            _lines[index].Read(from, line, offer);
            if (_opened.Contains(_lines[index])) _lines[index].Prepare(from);
        }

        if (!offer.Media.Any(line => line.Port != 0 && (IsTaken(line, from) || (plan.PassOther && !IsRtp(line))))) return Refuse(OfferOutcome.NothingUsable);
        told = Tell(offer, BridgeLine.Other(from), isAnswer: false);
        return OfferOutcome.Taken;
    }

    /// <summary>Takes an answer to the last offer, or one more preview of it, and applies both.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="from">Whose.</param>
    /// <param name="told">What the offerer is told.</param>
    /// <returns>False when a line came back with other protection than it was offered with; nothing was applied.</returns>
    public bool TryAnswer(SessionDescription answer, RelaySide from, out ReadOnlyMemory<byte> told)
    {
        told = LastTold(BridgeLine.Other(from));
        if (_offer is not { } offer) return true;
        if (_lines.Values.Any(line => line.Index < answer.Media.Length && answer.Media[line.Index] is { Port: not 0 } said && !line.IsKeptBy(from, said))) return false;

        // A line the answer forgot is refused (RFC 3264 §6 wants as many as were offered).
        var lines = offer.Media.Select((offered, index) => index < answer.Media.Length ? answer.Media[index] : offered with { Port = 0, Attributes = [] });
        var complete = answer with { Media = [.. lines] };
        _authors[(int)_offerer].Heard = offer.Origin;
        _authors[(int)from].Heard = answer.Origin;
        (_said[(int)_offerer], _said[(int)from]) = (offer, complete);
        var touched = _lines.Values.Where(line => line.Index < complete.Media.Length).ToList();
        foreach (var line in touched) line.Read(from, complete.Media[line.Index], complete);
        told = Tell(complete, BridgeLine.Other(from), isAnswer: true);   // makes our key for the offerer, which the stream needs
        foreach (var line in touched) line.Commit(from);
        _opened.Clear();
        return true;
    }

    /// <summary>
    /// Somebody else is to take a side, in a dialog that has a description of ours already: offers them what the other side and the
    /// one who leaves had agreed on. Nothing that flows changes before <see cref="TryReplace"/>.
    /// </summary>
    /// <param name="side">The side.</param>
    /// <param name="last">The o= line of our last description in that dialog.</param>
    /// <param name="protection">What is offered to and taken from them.</param>
    /// <returns>The offer; empty when nothing is agreed yet.</returns>
    public ReadOnlyMemory<byte> OfferReplacement(RelaySide side, SdpOrigin last, MediaProtection protection)
    {
        var other = BridgeLine.Other(side);
        if (_said[(int)other] is not { } said || Audio?.Agreed(other) is null) return default;

        _offer = said with
        {
            Media = [.. said.Media.Select((line, index) => _lines.TryGetValue(index, out var relayed) && relayed.Agreed(other) is { } agreed ? agreed : line with { Port = 0 })],
        };
        _offerer = other;
        _replacement = new Replacement(side, _authors[(int)side], _protections, [.. _lines.Values.Select(line => (line, line.Replace(side, protection)))]);
        _authors[(int)side] = new Author(last.SessionId, last.Version);
        _protections = _protections.With(side, protection);
        return Tell(_offer, side, isAnswer: false);
    }

    /// <summary>Takes the answer to <see cref="OfferReplacement"/>: from here on the media of the side is theirs.</summary>
    /// <returns>False when it cannot be used: all is as it was.</returns>
    public bool TryReplace(SessionDescription? answer)
    {
        if (_replacement is not { } replacement) return false;
        if (answer is not null && HasVoice(answer) && TryAnswer(answer, replacement.Side, out _))
        {
            _replacement = null;
            return true;
        }

        _replacement = null;
        _offer = null;
        _authors[(int)replacement.Side] = replacement.Author;
        _protections = replacement.Protections;
        foreach (var (line, before) in replacement.Lines) line.Restore(replacement.Side, before);
        return false;
    }

    // An answer that names other formats than were offered is one all the same (RFC 3264 §6.1 forbids it): whoever has given up a
    // call for it hears nothing.
    private bool HasVoice(SessionDescription answer)
    {
        if (_offer is not { } offer || Audio is not { } audio || audio.Index >= answer.Media.Length || answer.Media[audio.Index] is not { Port: not 0 } said) return false;
        var offered = offer.Media[audio.Index].PayloadFormats();
        return said.PayloadFormats().Any(format => format.IsVoice && offered.Any(format.IsSameAs));
    }

    /// <summary>The last offer was refused: what was opened for it is closed again.</summary>
    public void RollBack()
    {
        foreach (var line in _opened)
        {
            _lines.Remove(line.Index);
            _ended.Add(line);
        }

        _opened.Clear();
        _offer = null;
    }

    /// <summary>Ends every stream.</summary>
    public void EndAll()
    {
        _ended.AddRange(_lines.Values);
        _lines.Clear();
    }

    /// <summary>Streams that ended since the last call, to be disposed by the caller.</summary>
    public IReadOnlyList<IAsyncDisposable> TakeEnded()
    {
        IAsyncDisposable[] ended = [.. _ended];
        _ended.Clear();
        return ended;
    }

    private OfferOutcome Refuse(OfferOutcome outcome)
    {
        RollBack();
        return outcome;
    }

    private static bool IsRtp(MediaDescription line) => line.Kind is "audio" or "video" && MediaProtection.IsProtected(line.Protocol) is not null;

    /// <summary>Whether a line of a side is relayed: RTP, protected as its trunk allows, and with something to offer the other side for it.</summary>
    private bool IsTaken(MediaDescription line, RelaySide from)
    {
        if (!IsRtp(line) || !_protections[BridgeLine.Other(from)].CanOffer) return false;
        if (line.Port == 0) return true;
        var protection = _protections[from];
        return SrtpLine.IsProtected(line) ? protection.TakesProtected && SrtpLine.FirstUsable(line) is not null : protection.TakesPlain;
    }

    private bool TryOpen(int index, MediaDescription line)
    {
        var isHeard = line.Kind == "audio" && plan.Fork && _lines.Values.All(other => other.Index > index);
        if (relay.TryOpen(new RelayPlan { Origin = plan.Origin, Fork = isHeard }) is not { } stream) return false;
        _lines[index] = new BridgeLine(index, stream, plan.LearnPort, _protections);
        _opened.Add(_lines[index]);
        return true;
    }

    private ReadOnlyMemory<byte> Tell(SessionDescription said, RelaySide to, bool isAnswer)
    {
        var address = to == RelaySide.Caller ? plan.CallerAddress : plan.CalleeAddress;
        var told = said with
        {
            Name = "-",
            Connection = address.ToString(),
            Attributes = [.. said.Attributes.Where(IsEndToEnd)],
            Media = [.. said.Media.Select((line, index) => TellLine(line, index, said, to, address, isAnswer))],
        };
        return _authors[(int)to].Write(told, address);
    }

    private MediaDescription TellLine(MediaDescription line, int index, SessionDescription said, RelaySide to, IPAddress address, bool isAnswer)
    {
        if (line.Port == 0) return line with { Attributes = [], Connection = null };
        if (_lines.TryGetValue(index, out var relayed) && IsTaken(line, BridgeLine.Other(to))) return relayed.Write(to, address, isAnswer);
        return plan.PassOther && !IsRtp(line) ? line with { Connection = line.Connection ?? said.Connection } : line with { Port = 0, Attributes = [], Connection = null };
    }

    /// <summary>What is put back when nobody takes the side.</summary>
    private sealed record Replacement(RelaySide Side, Author Author, Protections Protections, ImmutableArray<(BridgeLine Line, object Before)> Lines);

    private static bool IsEndToEnd(SdpAttribute attribute) =>
        attribute.Name.ToLowerInvariant() is not ("group" or "ice-lite" or "ice-options" or "ice-ufrag" or "ice-pwd" or "fingerprint" or "setup"
            or "msid-semantic" or "identity" or "tls-id" or "sendrecv" or "sendonly" or "recvonly" or "inactive" or "extmap-allow-mixed" or "rtcp-mux");

    /// <summary>Us as the author of what one side is told: the o= version goes up exactly when the text changes (RFC 3264 §8).</summary>
    private sealed class Author(string sessionId, ulong version = 0)
    {
        private string? _text;
        private ulong _version = version;

        public ReadOnlyMemory<byte> Last { get; private set; }

        /// <summary>The o= line of what the side itself said last.</summary>
        public SdpOrigin? Heard { get; set; }

        public ReadOnlyMemory<byte> Write(SessionDescription told, IPAddress address)
        {
            var unversioned = told with { Origin = new SdpOrigin("-", sessionId, 0, address.ToString()) };
            var text = Convert.ToBase64String(SdpWriter.Write(unversioned));
            if (text == _text) return Last;
            _text = text;
            _version++;
            Last = SdpWriter.Write(unversioned with { Origin = unversioned.Origin with { Version = _version } });
            return Last;
        }
    }
}
