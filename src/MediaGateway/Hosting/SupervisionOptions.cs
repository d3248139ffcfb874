namespace EdgeAssist.MediaGateway.Hosting;

/// <summary>Supervisors on live calls: whose phone is called, how, and what is allowed. Section <see cref="Section"/>, at the gateway.</summary>
public sealed class SupervisionOptions
{
    public const string Section = "Supervision";

    /// <summary>
    /// What the law of the place allows: <c>default</c>, or <c>us-all-party</c> (no whispering; both parties must hear the tone, so that
    /// calls it cannot be played into are not listened to).
    /// </summary>
    public string Profile { get; set; } = "default";

    /// <summary>Both parties hear a short tone when a supervisor comes and every 15 s after. Off. Not possible where only a copy of the call comes.</summary>
    public bool BeepTone { get; set; }

    /// <summary>A supervisor may name another phone than the configured one. Off: whoever has a token could call any number.</summary>
    public bool AnyPhone { get; set; }

    /// <summary>How long a phone may ring, 5 s to 3 min.</summary>
    public TimeSpan RingTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A phone that answered and sends no media for this long is taken off the call, 5 s to 1 h; 0 never.</summary>
    public TimeSpan PhoneTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Session interval asked of phones (RFC 4028), 90 s to 24 h; 0 asks for none.</summary>
    public TimeSpan SessionExpires { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Keys 1, 2 and 3 of the phone change to listening, whispering and barging in.</summary>
    public bool KeyPad { get; set; } = true;

    /// <summary>Supervisors' phones. Empty: nobody is put on a call.</summary>
    public IList<SupervisorPhoneOptions> Phones { get; } = [];
}

/// <summary>The phone of one supervisor, or of all that have none of their own.</summary>
public sealed class SupervisorPhoneOptions
{
    /// <summary>The supervisor's subject, as in the token; <c>*</c> for everybody without a phone of their own.</summary>
    public string Subject { get; set; } = "";

    /// <summary>Its SIP URI, for example <c>sip:2001@pbx.example.com</c>; <c>{subject}</c> in the user part stands for the supervisor's subject.</summary>
    public string Address { get; set; } = "";

    /// <summary>Where its calls go: <c>udp:ADDRESS:PORT</c>, <c>tls:pbx.example.com:5061</c>, … as in routes of inline trunks. Empty: by <see cref="Trunk"/>, or to the address itself.</summary>
    public string Target { get; set; } = "";

    /// <summary>Name of an inline trunk whose routes its calls take, with that trunk's credentials and protection.</summary>
    public string Trunk { get; set; } = "";

    /// <summary>Who we are when challenged; empty takes those of <see cref="Trunk"/>.</summary>
    public InlineCredentialsOptions Credentials { get; set; } = new();

    /// <summary>Protection of its media, as of a trunk: <c>WithTls</c>, <c>Allowed</c>, <c>Required</c>. Empty takes that of <see cref="Trunk"/>, or <c>WithTls</c>.</summary>
    public string Srtp { get; set; } = "";

    /// <summary>Codecs offered, best first: <c>PCMU</c>, <c>PCMA</c>, and <c>G722</c> for listening alone. Empty: what suits the call.</summary>
    public IList<string> Codecs { get; } = [];

    /// <summary>It stands behind address translation that changes ports: the first packet from its address fixes the port.</summary>
    public bool LearnPort { get; set; }
}
