using EdgeAssist.InferenceBench;

// Questions about recognition, answered on this machine. See Usage for the commands.
return args switch
{
    ["wer", .. var rest] => WerBench.Run(rest),
    ["asr", .. var rest] => AsrBench.Run(rest),
    ["vad", .. var rest] => VadBench.Run(rest),
    ["convert", var merged, var folder] => ConvertBench.Run(merged, folder),
    ["call", .. var rest] => CallBench.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        wer [SET] [--min SECONDS] [--pad MS]   word error rate over a telephone line; SET: asterisk-prompts, native-misc, speechocean762, fsdd-digits
        asr [MODEL...]                         time per utterance of 1, 5 and 20 s, to the first token and in all; memory
        call FOLDER...                         a call's utterances and words; FOLDER holds one WAV a party, and call.json where the words are known
        convert MERGED FOLDER                  the two graphs made of the packaged decoder, with their sizes and hashes
        vad [MODEL]                            what voice activity detection makes of the two-party call and the prompts
        """);
    return 2;
}
