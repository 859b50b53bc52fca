-- False: written by the command where it ran; the row keeps who exported what, when, and its digest.
alter table bundle add column kept boolean not null default true;
