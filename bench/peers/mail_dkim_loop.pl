# Mail::DKIM (with its verifier of ARC where there is a seal), and Mail::SPF and Mail::DMARC where they are installed (see bench/peers/__init__.py).
use strict;
use warnings;
use JSON::PP;
use Mail::DKIM;
use Mail::DKIM::ARC::Verifier;
use Mail::DKIM::Verifier;
use Time::HiRes qw(time);

my ($place, $share) = @ARGV;
my $has_spf = eval { require Mail::SPF; require Net::DNS; 1 };
my $has_dmarc = $has_spf && eval { require Mail::DMARC::PurePerl; 1 };

sub slurp { my ($path) = @_; open my $in, '<:raw', $path or die "$path: $!"; local $/; return scalar <$in> }
my $zone = decode_json(slurp("$place/zone.json"))->{answers};
my @messages = @{ decode_json(slurp("$place/manifest.json"))->{messages} };

# One resolver for all three: Net::DNS packets made from the recording.
package Recorded;
use Net::DNS;
sub new { bless {}, shift }
sub send { my ($self, @question) = @_; return $self->query(@question) }
sub search { my ($self, @question) = @_; return $self->query(@question) }
sub errorstring { return 'NXDOMAIN' }
sub bgsend { my ($self, @question) = @_; return $self->query(@question) }
sub bgread { return $_[1] }
sub bgisready { return 1 }
sub bgbusy { return 0 }
sub dnsrch { return 0 }
sub udp_timeout { return 5 }
sub tcp_timeout { return 5 }
sub retry { return 1 }
sub query {
    my ($self, $name, $type) = @_;
    if (ref $name) { my ($q) = $name->question; ($name, $type) = ($q->qname, $q->qtype) }
    $type ||= 'A';
    (my $key = lc $name) =~ s/\.$//;
    my $packet = Net::DNS::Packet->new($name, $type, 'IN');
    $packet->header->qr(1);
    my $types = $zone->{$key};
    if (!$types) { $packet->header->rcode('NXDOMAIN'); return $packet }
    for my $record (@{ $types->{$type} || [] }) {
        my $data = $record;
        $data = join ' ', map { qq("$_") } ($record =~ /(.{1,255})/g) if $type eq 'TXT';
        $packet->push(answer => Net::DNS::RR->new("$key. 300 IN $type $data"));
    }
    return $packet;
}

package main;
# Mail::DMARC refuses names below a top-level domain that is not in its list, as the reserved ones are not.
if ($has_dmarc) {
    no warnings 'redefine';
    my $listed = \&Mail::DMARC::Base::is_public_suffix;
    *Mail::DMARC::Base::is_public_suffix = sub { my ($self, $zone) = @_; return $zone !~ /\./ || $listed->($self, $zone) };
}
my $dns = Recorded->new;
Mail::DKIM::DNS::resolver($dns);
my $spf_server = $has_spf ? Mail::SPF::Server->new(dns_resolver => $dns) : undef;

sub arc {
    my ($raw) = @_;
    my $verifier = Mail::DKIM::ARC::Verifier->new;
    $verifier->PRINT($raw);
    $verifier->CLOSE;
    return $verifier->result eq 'pass' ? 'pass' : 'fail';
}

sub judge {
    my ($raw, $entry) = @_;
    my $dkim = Mail::DKIM::Verifier->new;
    $dkim->PRINT($raw);
    $dkim->CLOSE;
    my @signatures = grep { $_->domain } $dkim->signatures;
    my %found = (dkim => [ map { [ $_->domain, $_->result eq 'pass' ? JSON::PP::true : JSON::PP::false ] } @signatures ]);
    $found{arc} = $raw =~ /^ARC-Seal:/mi ? arc($raw) : 'none';
    my $is_null = $entry->{mail_from} eq '<>';
    if ($has_spf) {
        my $request = Mail::SPF::Request->new(
            ($is_null ? (scope => 'helo', identity => $entry->{helo}) : (scope => 'mfrom', identity => $entry->{mail_from})),
            ip_address => $entry->{ip}, helo_identity => $entry->{helo});
        $found{spf} = $spf_server->process($request)->code;
    }
    if ($has_dmarc) {
        my $dmarc = Mail::DMARC::PurePerl->new;
        $dmarc->set_resolver($dns);
        $dmarc->header_from($entry->{author});
        $dmarc->source_ip($entry->{ip});
        $dmarc->dkim([ map { { domain => $_->domain, selector => $_->selector, result => $_->result eq 'invalid' ? 'temperror' : $_->result } }
            @signatures ]);
        (my $envelope = $is_null ? $entry->{helo} : $entry->{mail_from}) =~ s/.*\@//;
        $dmarc->spf([ { domain => $envelope, scope => 'mfrom', result => $found{spf} } ]);
        my $result = $dmarc->validate;
        my $none = grep { ($_->comment || '') =~ /no policy/ } @{ $result->reason || [] };
        $found{dmarc} = $none ? 'none' : $result->result;
    }
    return \%found;
}

sub cpu { my ($user, $system) = times; return $user + $system }
my @chosen;
my %seen;
for my $class (grep { !$seen{$_}++ } map { $_->{class} } @messages) {
    my @some = grep { $_->{class} eq $class } @messages;
    my $count = int(@some * $share + 0.5) || 1;
    push @chosen, @some[ 0 .. $count - 1 ];
}
judge(slurp("$place/$chosen[0]{file}"), $chosen[0]);
my (@verdicts, %classes, %kinds);
my ($start, $wall) = (cpu(), time);
for my $entry (@chosen) {
    my $before = cpu();
    push @verdicts, judge(slurp("$place/$entry->{file}"), $entry);
    my $taken = cpu() - $before;
    for my $sum ($classes{ $entry->{class} } ||= [ 0, 0 ], $kinds{ $entry->{kind} } ||= [ 0, 0 ]) {
        $sum->[0] += $taken;
        $sum->[1] += 1;
    }
}
my %taken = (cpu => cpu() - $start, wall => time - $wall);
my %versions = (perl => sprintf('%vd', $^V), 'Mail::DKIM' => Mail::DKIM->VERSION);
$versions{'Mail::SPF'} = Mail::SPF->VERSION . '' if $has_spf;
$versions{'Mail::DMARC'} = Mail::DMARC->VERSION . '' if $has_dmarc;
my ($peak) = slurp('/proc/self/status') =~ /VmHWM:\s+(\d+)/;
print encode_json({ versions => \%versions, %taken, classes => \%classes, kinds => \%kinds, rss => $peak * 1024, verdicts => \@verdicts });
